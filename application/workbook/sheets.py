"""The workbook as data: every sheet and column with its Chinese header, what may stand in it, and a word of help.

Template, reader, checker and the copy with the faults are all made from this one description.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.cycle import ProviderKind
from domain.indicator import Aggregation, Frequency, IndicatorKind
from domain.organisation import DepartmentKind, Role

SCHEMA_VERSION = 1  # Stands in the template's hidden sheet; a newer one is refused and not guessed at.
SCHEMA_SHEET = "_dukao"
EXAMPLE_MARK = "示例"  # A row that begins so is passed over.
HELP_MARK = "填写说明"


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    ID = "id"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    FLAG = "flag"
    RULE = "rule"
    POLICY = "policy"
    VALUES = "values"
    DEPARTMENT = "department"
    DEPARTMENTS = "departments"
    PERSON = "person"
    INDICATOR = "indicator"
    ASSISTING = "assisting"
    LIST = "list"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. ``options`` gives what each choice means; ``example`` stands in the template's example row."""

    key: str
    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    help: str = ""
    options: Mapping[str, object] | None = None
    example: str = ""
    width: int = 14


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet. A ``required`` one must be there; in a ``settings`` sheet each row is one setting: 项目, 内容."""

    name: str
    columns: tuple[Column, ...]
    help: str
    required: bool = False
    settings: tuple[Column, ...] = ()

    def column(self, key: str) -> Column:
        """Give a column (or setting) by its key."""
        return next(column for column in (*self.columns, *self.settings) if column.key == key)


DEPARTMENT_KINDS: Mapping[str, DepartmentKind] = {
    "领导班子": DepartmentKind.LEADERSHIP,
    "职能部门": DepartmentKind.FUNCTIONAL,
    "业务机构": DepartmentKind.BUSINESS,
    "供电所": DepartmentKind.STATION,
}
ROLES: Mapping[str, Role] = {
    "部门负责人": Role.HEAD,
    "职员": Role.STAFF,
    "主要负责人": Role.TOP_LEADER,
    "分管领导": Role.DEPUTY_LEADER,
    "绩效办主任": Role.OFFICE_HEAD,
    "绩效办": Role.OFFICE,
    "督查": Role.SUPERVISION,
    "考评委": Role.COMMITTEE,
    "审计": Role.AUDITOR,
    "系统管理员": Role.ADMINISTRATOR,
}
DIRECTIONS: Mapping[str, str] = {"越高越好": "higher", "越低越好": "lower", "区间": "range", "无方向": "none"}
FREQUENCIES: Mapping[str, Frequency] = {
    "月": Frequency.MONTH,
    "季": Frequency.QUARTER,
    "半年": Frequency.HALF,
    "年": Frequency.YEAR,
}
AGGREGATIONS: Mapping[str, Aggregation] = {
    "最近值": Aggregation.LATEST,
    "合计": Aggregation.SUM,
    "平均": Aggregation.MEAN,
    "逐期评分": Aggregation.EACH,
}
INDICATOR_KINDS: Mapping[str, IndicatorKind] = {
    "定量": IndicatorKind.QUANTITATIVE,
    "定性": IndicatorKind.QUALITATIVE,
    "加分": IndicatorKind.BONUS,
    "门槛": IndicatorKind.GATE,
    "红线": IndicatorKind.VETO,
}
PROVIDERS: Mapping[str, ProviderKind] = {
    "本部门自报": ProviderKind.SELF,
    "归口部门提供": ProviderKind.DEPARTMENT,
    "绩效办提供": ProviderKind.OFFICE,
    "系统取数": ProviderKind.SYSTEM,
}
YES_NO: Mapping[str, bool] = {"是": True, "否": False}
POLICY_KEYS: Mapping[str, str] = {
    "催办阶梯": "ladders",
    "时限": "limits",
    "职责分离": "duties",
    "预考核标准": "standards",
    "可见范围": "visibility",
}

INVENTED = Column(key="invented", header="演示说明", help="仅演示工作簿使用：写明本行哪些内容是虚构的。", example="", width=24)

DEPARTMENTS = Sheet(
    name="部门",
    help="本单位的部门、业务机构和供电所。上级写编号或名称，最上一级留空。",
    columns=(
        Column(
            key="department",
            header="编号",
            kind=Kind.ID,
            required=True,
            help="字母、数字、点、短横线，全表唯一，启用后不变。",
            example="D01",
        ),
        Column(key="name", header="名称", required=True, help="部门全称，全表唯一。", example="安全监察部", width=22),
        Column(
            key="kind",
            header="类型",
            kind=Kind.CHOICE,
            required=True,
            options=DEPARTMENT_KINDS,
            help="从下拉表选择。",
            example="职能部门",
        ),
        Column(key="parent", header="上级", kind=Kind.DEPARTMENT, help="上级部门的编号或名称；没有上级留空。", example="D00"),
        INVENTED,
    ),
)
PEOPLE = Sheet(
    name="人员",
    help="每人每个岗位一行。姓名和联系方式只存入可删除的人员表，不进入永久记录。",
    columns=(
        Column(
            key="person",
            header="工号",
            kind=Kind.ID,
            required=True,
            help="字母、数字、点、短横线；兼职的人可有多行。",
            example="P0101",
        ),
        Column(key="name", header="姓名", required=True, help="同一工号各行姓名一致。", example="张某某"),
        Column(key="mobile", header="手机", help="可不填。", example="", width=16),
        Column(key="email", header="邮箱", help="可不填。", example="", width=22),
        Column(
            key="department",
            header="部门",
            kind=Kind.DEPARTMENT,
            required=True,
            help="部门的编号或名称。",
            example="安全监察部",
            width=20,
        ),
        Column(
            key="title", header="岗位", required=True, help="岗位名称；同部门同名岗位的角色一致。", example="安全专责", width=18
        ),
        Column(
            key="roles",
            header="角色",
            kind=Kind.CHOICES,
            required=True,
            options=ROLES,
            help="可填多个，用顿号隔开，例如：部门负责人、绩效办主任。",
            example="职员",
            width=22,
        ),
        Column(key="since", header="起始日", kind=Kind.DATE, help="任职起始日；留空为周期开始日。", example="2026-01-01"),
        INVENTED,
    ),
)
LIAISONS = Sheet(
    name="联络员",
    help="每个部门一名绩效联络员和一名副联络员。没有联络员的部门不能承接指标。",
    columns=(
        Column(
            key="department",
            header="部门",
            kind=Kind.DEPARTMENT,
            required=True,
            help="部门的编号或名称，每个部门一行。",
            example="安全监察部",
            width=20,
        ),
        Column(key="person", header="联络员", kind=Kind.PERSON, required=True, help="工号，或不重名的姓名。", example="P0103"),
        Column(key="deputy", header="副联络员", kind=Kind.PERSON, help="工号，或不重名的姓名。", example="P0104"),
        INVENTED,
    ),
)
FIELDS = Sheet(
    name="分管",
    help="每位分管领导一行，列出其分管的部门。",
    columns=(
        Column(
            key="leader", header="领导", kind=Kind.PERSON, required=True, help="工号或姓名；须有“分管领导”角色。", example="P0002"
        ),
        Column(
            key="departments",
            header="部门",
            kind=Kind.DEPARTMENTS,
            required=True,
            help="可填多个，用顿号隔开。",
            example="安全监察部、运维检修部",
            width=44,
        ),
        INVENTED,
    ),
)
INDICATORS = Sheet(
    name="指标",
    help="每个指标一行。共用分值的条款合为一个指标，写在同一条规则里。",
    required=True,
    columns=(
        Column(
            key="indicator",
            header="编号",
            kind=Kind.ID,
            required=True,
            help="字母、数字、点、短横线，全表唯一。",
            example="ZB-01",
        ),
        Column(key="name", header="名称", required=True, help="指标名称。", example="综合供电可靠率", width=28),
        Column(key="category", header="类别", required=True, help="所属类别，例如：安全管理。", example="供电可靠", width=18),
        Column(key="unit", header="单位", help="计量单位，例如：%、起、万元。", example="%", width=8),
        Column(
            key="direction",
            header="方向",
            kind=Kind.CHOICE,
            required=True,
            options=DIRECTIONS,
            help="从下拉表选择。",
            example="越高越好",
        ),
        Column(key="points", header="分值", kind=Kind.NUMBER, required=True, help="不小于 0 的数。", example="15", width=8),
        Column(
            key="scale",
            header="满分制",
            kind=Kind.NUMBER,
            help="规则按百分制等自己的满分评分时填满分，例如 100；按分值评分留空。",
            example="100",
            width=8,
        ),
        Column(
            key="frequency",
            header="周期频次",
            kind=Kind.CHOICE,
            required=True,
            options=FREQUENCIES,
            help="多久上报一次。",
            example="季",
        ),
        Column(
            key="aggregation",
            header="汇总方式",
            kind=Kind.CHOICE,
            options=AGGREGATIONS,
            help="各期数据如何成为全年数据；留空为“最近值”。",
            example="最近值",
        ),
        Column(key="kind", header="种类", kind=Kind.CHOICE, options=INDICATOR_KINDS, help="留空为“定量”。", example="定量"),
        Column(
            key="rule_text",
            header="考评标准原文",
            required=True,
            help="评分标准的文字，上报、审核和评分时都会显示。",
            example="达到目标值得满分；每低 0.1 个百分点扣 1 分。",
            width=60,
        ),
        Column(
            key="rule",
            header="规则(JSON)",
            kind=Kind.RULE,
            required=True,
            help="评分规则，写法见 docs/scoring.md。",
            example='{"kind": "target-step", "points": "100", "target": "99.9", "step": "0.1", "deduct": "1"}',
            width=50,
        ),
        Column(key="data_source", header="数据来源", help="数据出自哪个系统或台账。", example="供电可靠性系统", width=20),
        Column(
            key="standard",
            header="预考核标准(%)",
            kind=Kind.NUMBER,
            help="预考核低于满分的这个百分比即督办；留空按制度。",
            example="80",
            width=14,
        ),
        Column(
            key="source_rows",
            header="来源行",
            kind=Kind.LIST,
            help="依据的指标表行号，可多个，用顿号隔开。",
            example="T03/rel",
            width=20,
        ),
        Column(
            key="evidence",
            header="需佐证",
            kind=Kind.FLAG,
            options=YES_NO,
            help="上报时是否必须附佐证材料；留空为否。",
            example="是",
            width=8,
        ),
        Column(
            key="key_works",
            header="重点工作",
            kind=Kind.LIST,
            help="对应的部门重点工作，可多个，用顿号隔开。",
            example="",
            width=20,
        ),
        Column(key="superior", header="上级指标", help="对应的上级指标；没有留空。", example="", width=14),
        Column(
            key="trial",
            header="试算数据(JSON)",
            kind=Kind.VALUES,
            help="可不填。填了就用规则试算一遍，规则算不出来会报错。",
            example='{"actual": "99.95"}',
            width=30,
        ),
        Column(
            key="trial_points",
            header="试算得分",
            kind=Kind.NUMBER,
            help="可不填。填了就与试算结果核对。",
            example="100",
            width=10,
        ),
        INVENTED,
    ),
)
TASKS = Sheet(
    name="任务",
    help="一个指标交给一个牵头部门为一行；同一指标可交给多个部门。",
    required=True,
    columns=(
        Column(
            key="indicator",
            header="指标",
            kind=Kind.INDICATOR,
            required=True,
            help="指标编号，或不重名的指标名称。",
            example="ZB-01",
            width=14,
        ),
        Column(
            key="lead",
            header="牵头部门",
            kind=Kind.DEPARTMENT,
            required=True,
            help="编号或名称；同一指标每个部门一行。",
            example="运维检修部",
            width=18,
        ),
        Column(
            key="responsible",
            header="责任人",
            kind=Kind.PERSON,
            required=True,
            help="工号或姓名，须在牵头部门任职。",
            example="P0603",
        ),
        Column(key="deputy_leader", header="分管领导", kind=Kind.PERSON, help="工号或姓名；留空按“分管”表。", example=""),
        Column(
            key="reviewing",
            header="考评部门",
            kind=Kind.DEPARTMENT,
            required=True,
            help="编号或名称，不能是牵头部门自己。",
            example="安全监察部",
            width=18,
        ),
        Column(
            key="provider",
            header="数据提供方式",
            kind=Kind.CHOICE,
            required=True,
            options=PROVIDERS,
            help="从下拉表选择。",
            example="归口部门提供",
        ),
        Column(
            key="providing",
            header="提供部门",
            kind=Kind.DEPARTMENT,
            help="归口部门提供时必填；系统取数时填核对的部门。",
            example="营销部",
            width=18,
        ),
        Column(key="system", header="来源系统", help="系统取数时必填。", example="", width=16),
        Column(
            key="share", header="牵头比例", kind=Kind.NUMBER, help="百分数；留空为 100 减去协办比例。", example="70", width=10
        ),
        Column(
            key="assisting",
            header="协办",
            kind=Kind.ASSISTING,
            help="部门:人:比例，多个用分号隔开。与牵头比例合计 100。",
            example="营销部:P0703:20; 发展建设部:P0403:10",
            width=40,
        ),
        Column(key="points", header="分值", kind=Kind.NUMBER, help="与指标不同时填（差异化）；否则留空。", example="", width=8),
        Column(
            key="rule", header="规则(JSON)", kind=Kind.RULE, help="与指标不同时填（差异化）；否则留空。", example="", width=30
        ),
        Column(key="unit_class", header="档类", help="标准分档的类别，例如 A、B、C；没有留空。", example="", width=8),
        INVENTED,
    ),
)
CYCLE = Sheet(
    name="周期",
    help="考核周期。一行一个项目。",
    required=True,
    columns=(
        Column(key="setting", header="项目", required=True, width=14),
        Column(key="content", header="内容", width=36),
        Column(key="help", header="说明", width=60),
    ),
    settings=(
        Column(
            key="cycle",
            header="编号",
            kind=Kind.ID,
            required=True,
            help="字母、数字、点、短横线，例如 2026-nd。",
            example="2026-nd",
        ),
        Column(key="name", header="名称", required=True, help="例如：2026年度绩效考核。", example="2026年度绩效考核"),
        Column(key="year", header="年度", kind=Kind.NUMBER, required=True, help="四位年份。", example="2026"),
        Column(
            key="scope",
            header="范围",
            required=True,
            help="考核范围，例如：全公司各部门、供电所。",
            example="全公司各部门、供电所",
        ),
        Column(key="starts", header="开始", kind=Kind.DATE, required=True, help="周期第一天。", example="2026-01-01"),
        Column(key="ends", header="结束", kind=Kind.DATE, required=True, help="周期最后一天。", example="2026-12-31"),
        Column(key="calendar", header="日历", kind=Kind.ID, help="工作日历；留空为 cn（国务院公布的放假和调休）。", example="cn"),
        Column(
            key="carrying_in",
            header="补录",
            kind=Kind.FLAG,
            options=YES_NO,
            help="是否先补录系统启用前的历史；留空为否。",
            example="否",
        ),
        Column(key="invented", header="演示说明", help="仅演示工作簿使用。", example=""),
    ),
)
POLICIES = Sheet(
    name="制度",
    help="可不填：没有的项目用随程序提供的默认制度。",
    columns=(
        Column(
            key="policy",
            header="键",
            kind=Kind.CHOICE,
            required=True,
            options=POLICY_KEYS,
            help="从下拉表选择，每项一行。",
            example="预考核标准",
        ),
        Column(
            key="body",
            header="内容(JSON)",
            kind=Kind.POLICY,
            required=True,
            help="制度内容。",
            example='{"percent": "80"}',
            width=70,
        ),
        Column(key="document", header="文号", help="制度文件的文号。", example="", width=24),
        INVENTED,
    ),
)

SHEETS: tuple[Sheet, ...] = (CYCLE, DEPARTMENTS, PEOPLE, LIAISONS, FIELDS, INDICATORS, TASKS, POLICIES)
