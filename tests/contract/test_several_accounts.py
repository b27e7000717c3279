"""Several accounts and an advisor's groups, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from ib_async import IB
from tests.contract.conftest import Ear

from ironbridge.domain.advisor import AccountGroup, ShareKind
from ironbridge.domain.reports import AccountValueReport
from ironbridge.domain.session import Endpoint
from ironbridge.errors import RequestTimeout
from ironbridge.ib import IbGateway
from ironbridge.ib.advisor import profiles_of
from ironbridge.paper import PaperGateway
from ironbridge.paper.advisor import Part
from ironbridge.paper.faults import Swallow

GROUPS = """<ListOfGroups><Group><name>Equals</name>
<ListOfAccts varName="list"><String>DU1</String><String>DU2</String></ListOfAccts>
<defaultMethod>EqualQuantity</defaultMethod></Group></ListOfGroups>"""
PROFILES = """<ListOfAllocationProfiles><AllocationProfile><name>Mine</name><type>3</type>
<ListOfAllocations varName="listOfAllocations"><Allocation><acct>DU2</acct><amount>10.0</amount></Allocation>
</ListOfAllocations></AllocationProfile></ListOfAllocationProfiles>"""


ALIASES = """<ListOfAccountAliases><AccountAlias><account>DU1</account><alias>Growth</alias></AccountAlias>
</ListOfAccountAliases>"""


@pytest.fixture
async def paper() -> AsyncIterator[PaperGateway]:
    async with PaperGateway(port=0, seed=7, accounts=("DF1000000", "DU1", "DU2"), step=0.02) as gateway:
        # The advisor sets the groups up elsewhere.
        ib = IB()
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=90)
        ib.wrapper.replaceFAEnd = ib.wrapper._endReq
        for number, (part, text) in enumerate(((Part.GROUPS, GROUPS), (Part.ALIASES, ALIASES)), start=77):
            done = ib.wrapper.startReq(number)
            ib.client.replaceFA(number, part.value, text)
            await done
        ib.disconnect()
        yield gateway


async def test_every_account_streams_its_values(
    broker: IbGateway, endpoint: Endpoint, ear: Ear, paper: PaperGateway
) -> None:
    await broker.connect(endpoint)
    await broker.follow_account("DF1000000")
    for account in ("DU1", "DU2", "DU1"):
        await broker.follow_values(account)
    told = {report.value.account for report in ear.of(AccountValueReport) if report.value.name == "NetLiquidation"}
    assert told == {"DF1000000", "DU1", "DU2"}
    assert not [report for report in ear.reports if getattr(report, "code", None) == 2100], "none pushed another out"


async def test_values_without_their_end_are_not_read_as_all(
    broker: IbGateway, endpoint: Endpoint, paper: PaperGateway
) -> None:
    await broker.connect(endpoint)
    paper.faults.inject(Swallow("AccountUpdateMultiEnd"))
    with pytest.raises(RequestTimeout, match="values of DU1"):
        await broker.follow_values("DU1")


async def test_an_advisors_groups_are_listed(broker: IbGateway, endpoint: Endpoint) -> None:
    await broker.connect(endpoint)
    setup = await broker.advisor()
    assert setup is not None
    assert setup.master == "DF1000000"
    assert setup.groups == (AccountGroup("Equals", ("DU1", "DU2"), "EqualQuantity"),)
    assert dict(setup.aliases)["DU1"] == "Growth"
    assert setup.profiles is None, "a gateway of this version has groups alone"


def test_profiles_of_older_gateways_are_read() -> None:
    (profile,) = profiles_of(PROFILES)
    assert (profile.name, profile.kind) == ("Mine", ShareKind.SHARES)
    assert [(account, float(amount)) for account, amount in profile.shares] == [("DU2", 10.0)]
