"""`$metadata`: a small service description, enough for clients that read it first."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from reconcile_tui.sandbox.dataverse.environment import Environment
from reconcile_tui.sandbox.dataverse.schema import Table
from reconcile_tui.sandbox.exchange import Answer

EDM = {
    "key": "Edm.Guid",
    "lookup": "Edm.Guid",
    "owner": "Edm.Guid",
    "text": "Edm.String",
    "memo": "Edm.String",
    "integer": "Edm.Int32",
    "choice": "Edm.Int32",
    "state": "Edm.Int32",
    "status": "Edm.Int32",
    "bigint": "Edm.Int64",
    "money": "Edm.Decimal",
    "decimal": "Edm.Decimal",
    "bool": "Edm.Boolean",
    "datetime": "Edm.DateTimeOffset",
    "date": "Edm.Date",
}
"""OData type by column type."""

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    '<EntityType Name="crmbaseentity" Abstract="true" />'
)
_OPERATIONS = (
    '<ComplexType Name="WhoAmIResponse"><Property Name="BusinessUnitId" Type="Edm.Guid" Nullable="false" /><Property Name="UserId" '
    'Type="Edm.Guid" Nullable="false" /><Property Name="OrganizationId" Type="Edm.Guid" Nullable="false" /></ComplexType>'
    '<Function Name="WhoAmI"><ReturnType Type="mscrm.WhoAmIResponse" Nullable="false" /></Function>'
    '<Action Name="Merge"><Parameter Name="Target" Type="mscrm.crmbaseentity" Nullable="false" /><Parameter Name="Subordinate" '
    'Type="mscrm.crmbaseentity" Nullable="false" /><Parameter Name="UpdateContent" Type="mscrm.crmbaseentity" /><Parameter '
    'Name="PerformParentingChecks" Type="Edm.Boolean" Nullable="false" /></Action>'
)
_IMPORTS = (
    '<FunctionImport Name="WhoAmI" Function="Microsoft.Dynamics.CRM.WhoAmI" />'
    '<ActionImport Name="Merge" Action="Microsoft.Dynamics.CRM.Merge" />'
)


def document(env: Environment) -> Answer:
    """The whole description."""
    tables = [table for name, table in env.schema.tables.items() if env.table(name)]
    types = "".join(_type(table) for table in tables)
    sets = "".join(f'<EntitySet Name="{table.entity_set}" EntityType="Microsoft.Dynamics.CRM.{table.name}" />' for table in tables)
    container = f'<EntityContainer Name="System">{sets}{_IMPORTS}</EntityContainer>'
    body = f"{_HEAD}{types}{_OPERATIONS}{container}</Schema></edmx:DataServices></edmx:Edmx>"
    return Answer(200, body.encode(), {"content-type": "application/xml", "odata-version": "4.0"})


def _type(table: Table) -> str:
    properties = "".join(
        f"<Property Name={quoteattr(column.wire)} Type={quoteattr(EDM[column.type])} />" for column in table.columns.values()
    )
    navigations = "".join(
        f'<NavigationProperty Name={quoteattr(name)} Type={quoteattr(f"mscrm.{target}")} Nullable="true" />'
        for name, _, target in table.navigations()
    )
    key = f'<Key><PropertyRef Name="{table.key}" /></Key>'
    return f'<EntityType Name="{table.name}" BaseType="mscrm.crmbaseentity">{key}{properties}{navigations}</EntityType>'
