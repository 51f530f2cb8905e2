"""The tables of the room, one module per noun."""

from dianke.customers.models.consents import (
    Consent,
    ConsentChannel,
    ConsentText,
    Purpose,
)
from dianke.customers.models.contacts import (
    Address,
    AddressUse,
    ContactKind,
    ContactPoint,
    ContactPointQuerySet,
    ContactUse,
)
from dianke.customers.models.life import (
    Calendar,
    DateKind,
    Household,
    ImportantDate,
    Relation,
    RelationKind,
)
from dianke.customers.models.matches import (
    MatchPair,
    Merge,
    PairState,
)
from dianke.customers.models.people import (
    KEY_KIND,
    Collaborator,
    Customer,
    CustomerQuerySet,
    Gender,
    Kind,
    SharedWith,
    State,
    Tag,
    Tagging,
    TagMerge,
)
from dianke.customers.models.portal import (
    PortalSession,
    RegistrationPoint,
    VerificationCode,
)
from dianke.customers.models.records import (
    Channel,
    CustomerFile,
    CustomerNote,
    NoteKind,
    Review,
    SourceRecord,
)
from dianke.customers.models.rights import (
    ProcessingActivity,
    RequestKind,
    RequestState,
    RightsRequest,
)
from dianke.customers.models.settings import (
    CareOccasion,
    CareRule,
    EntryRule,
    ReviewedRole,
)

__all__ = [
    "KEY_KIND",
    "Address",
    "AddressUse",
    "Calendar",
    "CareOccasion",
    "CareRule",
    "Channel",
    "Collaborator",
    "Consent",
    "ConsentChannel",
    "ConsentText",
    "ContactKind",
    "ContactPoint",
    "ContactPointQuerySet",
    "ContactUse",
    "Customer",
    "CustomerFile",
    "CustomerNote",
    "CustomerQuerySet",
    "DateKind",
    "EntryRule",
    "Gender",
    "Household",
    "ImportantDate",
    "Kind",
    "MatchPair",
    "Merge",
    "NoteKind",
    "PairState",
    "PortalSession",
    "ProcessingActivity",
    "Purpose",
    "RegistrationPoint",
    "Relation",
    "RelationKind",
    "RequestKind",
    "RequestState",
    "Review",
    "ReviewedRole",
    "RightsRequest",
    "SharedWith",
    "SourceRecord",
    "State",
    "Tag",
    "TagMerge",
    "Tagging",
    "VerificationCode",
]
