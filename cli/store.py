"""``dukao init``, ``db``, ``config``, ``recover``: the store itself."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.panel import Panel
from rich.text import Text

from application.accounts import create_account
from application.mandate import asked_by
from application.recover import recover as recover_
from application.settings import PREFIX
from application.store import mark
from application.submit import submit
from cli.acting import show
from cli.desk import Desk
from cli.faults import ExitCode, Fault
from cli.output import OFFICE_ZONE, Column
from cli.servers import working
from cli.verb import verb
from domain import names
from domain.decider import SYSTEM, Source, SourceKind
from domain.organisation import Appointed, DepartmentEstablished, DepartmentKind, PostEstablished, Register, Role
from event_store.migrate import upgrade as upgrade_
from projections.people import Person, remember

db = typer.Typer(help="数据库 / the database", no_args_is_help=True)
config = typer.Typer(help="设置 / settings", no_args_is_help=True)

PASSWORD_BYTES = 12
ADMINISTRATION, POST = "administration", "administrator"  # Apart from the performance office, which comes with the roster.


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """The first one who may sign in. The password is told once, here."""

    company: str
    login: str
    password: str


def add_to(app: typer.Typer) -> None:
    """Add the verbs and the groups."""
    verb(app, "init")(init)
    verb(app, "recover")(recover)
    app.add_typer(db, name="db")
    app.add_typer(config, name="config")


async def init(
    desk: Desk,
    *,
    company: Annotated[str, typer.Option("--company", help="单位名称 / the company's name", prompt=False)],
    person: Annotated[str, typer.Option("--person", help="首位管理员的工号 / the first administrator's id")] = "admin",
    name: Annotated[str, typer.Option("--name", help="姓名 / name")] = "系统管理员",
    login: Annotated[str, typer.Option("--login", help="账号，不填同工号 / login; none: the id")] = "",
) -> ExitCode:
    """登记本单位：标记数据库用途，建立首位管理员，一次性密码只显示这一次。演示库不能改作本单位。 / Set up one's own company."""
    since = datetime.now(OFFICE_ZONE).date()
    async with working(desk) as dukao:
        await mark(dukao.engine, "own", company)
        register = Register(
            departments=(DepartmentEstablished(department=ADMINISTRATION, name="系统管理", kind=DepartmentKind.FUNCTIONAL),),
            posts=(PostEstablished(post=POST, department=ADMINISTRATION, title="系统管理员", roles=(Role.ADMINISTRATOR,)),),
            appointments=(Appointed(person=person, post=POST, since=since),),
        )
        async with dukao.engine.begin() as connection:
            await remember(connection, Person(person=person, name=name))
        source = Source(kind=SourceKind.COMMAND_LINE, place="dukao init")
        asked = await asked_by(
            dukao, SYSTEM.person, stream=names.ORGANISATION, command_key=f"init/{person}/{since}", source=source
        )
        answer = await submit(dukao, names.ORGANISATION, register, asked)
        if answer.status == "refused":
            return show(desk, answer)
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        await create_account(dukao.engine, login or person, person, password, must_change=True, name=name)
    made = Administrator(company=company, login=login or person, password=password)
    text = Text.assemble(
        f"{company}\n",
        ("账号 / login     ", "bold"),
        f"{made.login}\n",
        ("一次性密码 / one-time password  ", "bold"),
        (password, "bold green"),
        "\n",
        desk.output.say("密码只显示这一次，首次登录必须更换。", "Shown once; it has to be changed at the first sign-in."),
    )
    desk.output.show(made, Panel(text, title="督考 Dukao", expand=False))
    return ExitCode.DONE


async def recover(desk: Desk) -> None:
    """依据记录重新启动每个未了结事项的工作流；已在运行的不受影响，可重复执行。 / Start the workflow of every open stream again."""
    async with desk.dukao() as dukao:
        with desk.output.progress("正在恢复工作流", "Recovering workflows") as move:
            count = await recover_(dukao, lambda done, of: move(done, of, ""))
    desk.output.show(
        {"streams": count},
        Text(desk.output.say(f"{count} 个未了结事项都有工作流在跟。", f"{count} open streams have their workflows.")),
    )


@verb(db, "upgrade")
async def upgrade(desk: Desk) -> None:
    """把数据库升级到本程序的结构。 / Bring the database to this program's schema."""
    owner = desk.settings().database_owner_url
    if owner is None:
        raise Fault(
            f"没有设置 {PREFIX}DATABASE_OWNER_URL，无法升级。请用数据库所有者的地址设置它。",
            f"{PREFIX}DATABASE_OWNER_URL is not set, so nothing can be upgraded. Set it to the owner's address.",
            code=ExitCode.USAGE,
        )
    version = await upgrade_(owner.get_secret_value())
    desk.output.show({"schema": version}, Text(desk.output.say(f"数据库结构：{version}", f"Schema: {version}"), style="green"))


@verb(config, "show")
async def show_config(desk: Desk) -> None:
    """显示生效的设置；密码不显示。 / Show the settings in force; secrets are masked."""
    settings = desk.settings()
    values = {
        f"{PREFIX}{name.upper()}": "**********" if isinstance(value, SecretStr) else value
        for name, value in ((name, getattr(settings, name)) for name in type(settings).model_fields)
    }
    shown = {name: value if value is None else str(value) for name, value in values.items()}
    columns = (Column("变量", "variable", lambda pair: pair[0]), Column("值", "value", lambda pair: pair[1]))
    desk.output.show(shown, lambda: desk.output.table(("设置", "Settings"), shown.items(), columns))
