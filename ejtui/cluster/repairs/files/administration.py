"""Second gets first's values of what differs between the two ejabberd.yml."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ejtui.cluster.acts.act import Command, where
from ejtui.cluster.administration import meanings
from ejtui.cluster.administration.certificates import CERTIFICATES
from ejtui.cluster.backups import folders
from ejtui.cluster.carry_over import certificates, replacement
from ejtui.cluster.carry_over.request import Wanted
from ejtui.cluster.diagnosis.rules.installation.databases import OWN
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.finding import Finding
from ejtui.cluster.join.steps.step import Evidence
from ejtui.cluster.repairs.tools.first_values import TakeFirsts

if TYPE_CHECKING:
    from ejtui.cluster.pair.plan import Plan
    from ejtui.cluster.repairs.context import RepairContext


class ServeHosts(TakeFirsts):
    """Adds first's virtual hosts to second's; those that second has stay."""

    codes: ClassVar = (meanings.HOSTS,)
    title: ClassVar = "add first's virtual hosts to second's ejabberd.yml, and load it"


class TakeAuthentication(TakeFirsts):
    """Second checks passwords as first does."""

    codes: ClassVar = (meanings.AUTH,)
    title: ClassVar = "give second's ejabberd.yml first's authentication, and load it"


class TakeDatabase(TakeFirsts):
    """Second keeps data where first does."""

    codes: ClassVar = (meanings.DATABASE,)
    title: ClassVar = "give second's ejabberd.yml first's choice of databases, and load it"

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        return [] if OWN in finding.subjects else super().commands(plan, finding)

    async def run(self, context: RepairContext) -> Evidence:
        finding = context.finding
        if OWN in finding.subjects:
            raise StepFailed(
                f"both ejabberd.yml name the same database, which is each host's own: "
                f"{finding.repair}. Nothing was changed"
            )
        return await super().run(context)


class TakeAccess(TakeFirsts):
    """Second has first's access rules."""

    codes: ClassVar = (meanings.ACCESS,)
    title: ClassVar = "give second's ejabberd.yml first's access rules, and load it"


class TakeModules(TakeFirsts):
    """Second runs first's modules, with first's options."""

    codes: ClassVar = (meanings.MODULES,)
    title: ClassVar = "give second's ejabberd.yml first's modules, and load it"


class CopyCertificates(TakeFirsts):
    """Second has the certificates and keys that its file names, or that first's names."""

    codes: ClassVar = (meanings.CERTIFICATES,)
    title: ClassVar = "copy the certificates and keys that second lacks from first, and load them"
    keeps: ClassVar = "second's ejabberd.yml; a file that is there is not overwritten"
    cannot_undo: ClassVar = (
        "second can then show itself as first's hosts; a rollback of the join removes the files"
    )

    def commands(self, plan: Plan, finding: Finding) -> list[Command]:
        del finding
        first, second = plan.at_first, plan.at_second
        place = f"{folders.root(second.platform)}/STAMP"
        return [
            *replacement.keep_commands(second),
            *certificates.commands(first, second, place),
            *where(replacement.file_commands(second), "second's file does not name them"),
            *replacement.load_commands(second),
        ]

    def wanted(self) -> Wanted:
        return Wanted(options=(CERTIFICATES,))


class TakeTickTime(TakeFirsts):
    """Second has first's net_ticktime, where ejabberd.yml sets it."""

    codes: ClassVar = (meanings.TICKTIME,)
    title: ClassVar = "give net_ticktime in second's ejabberd.yml first's value, and load it"
