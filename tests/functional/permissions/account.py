"""An emulated account: what was deployed to it, and its roles held against what they need."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import ACCOUNT_ID, LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.functional.permissions.findings import Held, Sourced
from tests.functional.permissions.granted import Role, roles_of
from tests.functional.permissions.needed import Needed


@dataclass(frozen=True)
class Deployed:
    """A stack, and the parameters that it was deployed with."""

    template: str
    stack: Stack
    parameters: Mapping[str, str]

    def values(self, region: str, role_name: str) -> dict[str, str]:
        """Return what needed.toml's placeholders stand for where a role needs something."""
        own = {"account": ACCOUNT_ID, "region": region, "stack": self.stack.name}
        group = self.stack.resources.get(f"{role_name.removesuffix('Role')}LogGroup")
        if group is not None:
            own["own_log_group"] = group
        return {**self.parameters, **self.stack.resources, **own}

    def gave_policy_to(self, role: Role) -> bool:
        """Tell whether the stack gave a policy to the role of another."""
        given = {physical_id.partition("|")[0] for physical_id in self.stack.resources.values()}
        return role.template != self.template and any(
            statement.policy in given for statement in role.statements
        )


@dataclass
class Account:
    """What was deployed so far, with the roles as they were then."""

    runtime: LocalRuntime
    deployed: list[Deployed] = field(default_factory=list)
    roles: list[tuple[Deployed, Role]] = field(default_factory=list)

    def deploy(self, template: str, stack_name: str, **parameters: str) -> Stack:
        """Deploy a template and look at its roles."""
        stack = self.runtime.deploy(
            PROJECT_DIR / template, stack_name=stack_name, parameters=parameters
        )
        self.add(Deployed(template, stack, self._resolved(parameters)))
        # A stack may have given a policy to the role of another.
        for deployed in list(self.deployed):
            self.add(deployed)
        return stack

    def _resolved(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return parameters with the values that Parameter Store has for their names."""
        ssm = self.runtime.client("ssm")
        return {
            name: ssm.get_parameter(Name=value)["Parameter"]["Value"]
            if value.startswith("/")
            else value
            for name, value in parameters.items()
        }

    def add(self, deployed: Deployed) -> None:
        """Look at a stack's roles; another look at the same stack takes the first one's place."""
        known = [item for item in self.deployed if item.stack.name != deployed.stack.name]
        self.deployed = [*known, deployed]
        kept = [pair for pair in self.roles if pair[0].stack.name != deployed.stack.name]
        found = roles_of(self.runtime, deployed.template, deployed.stack.resources)
        self.roles = [*kept, *((deployed, role) for role in found)]

    def held(self, needed: Iterable[Needed]) -> Iterator[Held]:
        """Yield every role of every stack, held against what was asked for and is needed."""
        entries = list(needed)
        used = self.runtime.enforcement.used or set()
        for deployed, role in self.roles:
            yield Held(
                role,
                tuple(item.access for item in used if item.role_arn == role.arn and item.allowed),
                tuple(self._sourced(deployed, role, entries)),
            )

    def _sourced(self, own: Deployed, role: Role, entries: Iterable[Needed]) -> Iterator[Sourced]:
        """Yield what the file says that a role needs, for its own stack and for others."""
        stacks = [own, *(other for other in self.deployed if other.gave_policy_to(role))]
        for entry in entries:
            for deployed in stacks:
                if entry.template == deployed.template and role.name in entry.roles:
                    values = deployed.values(self.runtime.region, role.name)
                    yield from (Sourced(access, entry) for access in entry.accesses(values))
