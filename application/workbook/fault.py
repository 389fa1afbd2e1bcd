"""What can be wrong with a workbook: the place, what stands there, why it does not fit, and what would be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from application.workbook.text import text_of


class Code(StrEnum):
    """The kinds of faults, by a stable name."""

    NOT_A_WORKBOOK = "not-a-workbook"
    TOO_LARGE = "too-large"
    TOO_MANY_ROWS = "too-many-rows"
    NEWER_TEMPLATE = "newer-template"
    SHEET_MISSING = "sheet-missing"
    SHEET_EMPTY = "sheet-empty"
    COLUMN_MISSING = "column-missing"
    COLUMN_TWICE = "column-twice"
    COLUMN_UNKNOWN = "column-unknown"
    SETTING_UNKNOWN = "setting-unknown"
    CELL_MISSING = "cell-missing"
    CELL_BROKEN = "cell-broken"
    TEXT_TOO_LONG = "text-too-long"
    NOT_AN_ID = "not-an-id"
    NOT_A_NUMBER = "not-a-number"
    OUT_OF_BOUNDS = "out-of-bounds"
    NOT_A_DATE = "not-a-date"
    NOT_AN_OPTION = "not-an-option"
    NOT_JSON = "not-json"
    RULE_UNFIT = "rule-unfit"
    POLICY_UNFIT = "policy-unfit"
    TRIAL_FAILS = "trial-fails"
    TRIAL_DIFFERS = "trial-differs"
    DEPARTMENT_UNKNOWN = "department-unknown"
    PERSON_UNKNOWN = "person-unknown"
    INDICATOR_UNKNOWN = "indicator-unknown"
    NAME_AMBIGUOUS = "name-ambiguous"
    ASSISTING_UNFIT = "assisting-unfit"
    TWICE = "twice"
    NAMES_DIFFER = "names-differ"
    ROLES_DIFFER = "roles-differ"
    TREE_HAS_A_LOOP = "tree-has-a-loop"
    DATES_REVERSED = "dates-reversed"
    NOT_A_MEMBER = "not-a-member"
    NOT_A_DEPUTY_LEADER = "not-a-deputy-leader"
    SAME_PERSON = "same-person"
    LIAISON_MISSING = "liaison-missing"
    HEAD_MISSING = "head-missing"
    OFFICE_MISSING = "office-missing"
    REVIEWS_ITSELF = "reviews-itself"
    PROVIDER_MISSING = "provider-missing"
    SHARES_DO_NOT_ADD_UP = "shares-do-not-add-up"
    REFUSED = "refused"


MESSAGES: Mapping[Code, tuple[str, str]] = {
    Code.NOT_A_WORKBOOK: ("无法打开文件：{why}", "The file cannot be opened: {why}"),
    Code.TOO_LARGE: ("文件过大（{size}）", "The file is too large ({size})"),
    Code.TOO_MANY_ROWS: ("超过 {limit} 行", "It has more than {limit} rows"),
    Code.NEWER_TEMPLATE: ("模板版本 {found} 比本程序认识的版本新", "Template version {found} is newer than this program knows"),
    Code.SHEET_MISSING: ("没有“{sheet}”表，现有的表：{found}", "There is no sheet '{sheet}'; there are: {found}"),
    Code.SHEET_EMPTY: ("表中没有数据行", "The sheet has no rows of data"),
    Code.COLUMN_MISSING: ("缺少“{header}”列", "Column '{header}' is missing"),
    Code.COLUMN_TWICE: ("“{header}”列出现两次", "Column '{header}' is there twice"),
    Code.COLUMN_UNKNOWN: ("不认识“{header}”列", "Column '{header}' is not known"),
    Code.SETTING_UNKNOWN: ("不认识项目“{value}”", "Setting '{value}' is not known"),
    Code.CELL_MISSING: ("必填项没有填写", "A required cell is empty"),
    Code.CELL_BROKEN: ("单元格是公式错误“{value}”", "The cell holds the formula error '{value}'"),
    Code.TEXT_TOO_LONG: ("文字超过 {limit} 个字", "The text is longer than {limit} characters"),
    Code.NOT_AN_ID: ("“{value}”不能作编号", "'{value}' cannot be an id"),
    Code.NOT_A_NUMBER: ("“{value}”不是数", "'{value}' is not a number"),
    Code.OUT_OF_BOUNDS: ("{value} 超出允许范围", "{value} is out of bounds"),
    Code.NOT_A_DATE: ("“{value}”不是日期", "'{value}' is not a date"),
    Code.NOT_AN_OPTION: ("“{value}”不是可选项", "'{value}' is not one of the options"),
    Code.NOT_JSON: (
        "内容不是合格的 JSON：第 {line} 行第 {place} 个字符处",
        "The content is not JSON: at line {line}, character {place}",
    ),
    Code.RULE_UNFIT: ("评分规则不对：{why_zh}", "The scoring rule does not fit: {why_en}"),
    Code.POLICY_UNFIT: ("制度内容不对：{why_zh}", "The policy does not fit: {why_en}"),
    Code.TRIAL_FAILS: ("用规则试算失败：{why_zh}", "The rule cannot score the trial values: {why_en}"),
    Code.TRIAL_DIFFERS: ("试算得 {found}，与填写的 {value} 不符", "The trial gives {found}, not {value} as stated"),
    Code.DEPARTMENT_UNKNOWN: ("部门“{value}”不存在", "Department '{value}' does not exist"),
    Code.PERSON_UNKNOWN: ("人员“{value}”不存在", "Person '{value}' does not exist"),
    Code.INDICATOR_UNKNOWN: ("指标“{value}”不存在", "Indicator '{value}' does not exist"),
    Code.NAME_AMBIGUOUS: ("“{value}”对应多个：{found}", "'{value}' stands for several: {found}"),
    Code.ASSISTING_UNFIT: ("协办“{value}”的写法不对", "Assisting entry '{value}' is not well-formed"),
    Code.TWICE: ("“{value}”与第 {other} 行重复", "'{value}' repeats row {other}"),
    Code.NAMES_DIFFER: ("工号 {person} 在第 {other} 行叫“{name}”", "Person {person} is called '{name}' in row {other}"),
    Code.ROLES_DIFFER: ("岗位“{post}”在第 {other} 行的角色不同", "Post '{post}' has other roles in row {other}"),
    Code.TREE_HAS_A_LOOP: ("上级关系成了环：{loop}", "The departments above form a loop: {loop}"),
    Code.DATES_REVERSED: ("结束日 {ends} 不晚于开始日 {starts}", "It ends on {ends}, not after it starts on {starts}"),
    Code.NOT_A_MEMBER: ("{person} 不在“{department}”任职", "{person} holds no post in '{department}'"),
    Code.NOT_A_DEPUTY_LEADER: ("{person} 没有“分管领导”角色", "{person} does not have the role of a deputy leader"),
    Code.SAME_PERSON: ("正、副联络员是同一人", "Liaison and deputy are the same person"),
    Code.LIAISON_MISSING: (
        "部门“{value}”没有联络员，不能承接指标",
        "Department '{value}' has no liaison, so nothing can be issued to it",
    ),
    Code.HEAD_MISSING: ("部门“{value}”没有部门负责人，无人承接和签发", "Department '{value}' has no head to accept and sign"),
    Code.OFFICE_MISSING: ("没有人担任“{role}”", "Nobody has the role '{role}'"),
    Code.REVIEWS_ITSELF: ("考评部门就是牵头部门", "The reviewing department is the lead department itself"),
    Code.PROVIDER_MISSING: (
        "数据提供方式为“{provider}”，但没有填“{needed}”",
        "Values come by '{provider}', but '{needed}' is empty",
    ),
    Code.SHARES_DO_NOT_ADD_UP: ("牵头与协办比例合计 {total}%", "Lead and assisting shares add up to {total} %"),
    Code.REFUSED: ("{zh}", "{en}"),
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault. ``row`` counts from 1 as the spreadsheet does (0: the whole sheet), ``column`` is its letter (empty: the whole row).

    ``zh`` and ``en`` say what is wrong; ``expected`` says, in Chinese, what would be right.
    """

    code: Code
    sheet: str
    row: int
    column: str
    header: str
    value: str
    zh: str
    en: str
    expected: str

    @property
    def place(self) -> str:
        """Give the place as people find it: 任务!E7（考评部门）."""
        cell = f"{self.column}{self.row or ''}"
        inside = f"!{cell}" if cell else ""
        return f"{self.sheet}{inside}" + (f"（{self.header}）" if self.header else "")

    def sentence(self, language: str = "zh") -> str:
        """Say place, fault and what would be right, in ``zh`` or ``en``."""
        if language == "en":
            return f"{self.place}: {self.en}. Expected: {self.expected}"
        return f"{self.place}：{self.zh}。应为：{self.expected}"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell as it was read. ``value`` is None, a text, a number, a bool, a day or an instant, as the spreadsheet stores it."""

    sheet: str
    row: int
    column: str
    header: str
    value: object = None

    @property
    def shown(self) -> str:
        """Give the value as the fault quotes it, cut where it is long."""
        text = text_of(self.value)
        return text if len(text) <= QUOTED else text[:QUOTED] + "…"


class Misfit(Exception):
    """A cell's content is not what its column holds."""

    def __init__(self, code: Code, expected: str, **values: object) -> None:
        """Keep what the fault will say."""
        super().__init__(code)
        self.code, self.expected, self.values = code, expected, values


@dataclass(kw_only=True)
class Faults:
    """Gathers faults, so that one pass over a workbook finds them all."""

    found: list[Fault] = field(default_factory=list)

    def add(self, code: Code, cell: Cell, expected: str, **values: object) -> None:
        """Note a fault at a cell."""
        zh, en = MESSAGES[code]
        said = {"value": cell.shown, "header": cell.header, "sheet": cell.sheet, **values}
        self.found.append(
            Fault(
                code=code,
                sheet=cell.sheet,
                row=cell.row,
                column=cell.column,
                header=cell.header,
                value=cell.shown,
                zh=zh.format_map(said),
                en=en.format_map(said),
                expected=expected,
            )
        )

    def misfit(self, misfit: Misfit, cell: Cell) -> None:
        """Note a misfit at its cell."""
        self.add(misfit.code, cell, misfit.expected, **misfit.values)

    def sorted(self) -> list[Fault]:
        """Give all faults, sheet by sheet in the order found, then by row and column."""
        order = {sheet: number for number, sheet in enumerate(dict.fromkeys(fault.sheet for fault in self.found))}
        return sorted(self.found, key=lambda fault: (order[fault.sheet], fault.row, len(fault.column), fault.column))


QUOTED = 60  # Characters of a cell's content that a fault quotes.
