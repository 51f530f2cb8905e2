"""Every write of the room."""

from dianke.marketing.operations.approving import (
    CampaignBegan,
    CampaignNotReady,
    CampaignNotWaiting,
    CampaignReasonMissing,
    approve_campaign,
    needs_second_person,
    reopen_refused_campaign,
    submit_campaign,
    take_back_campaign,
)
from dianke.marketing.operations.clicks import note_click
from dianke.marketing.operations.drafting import (
    CampaignNotDraft,
    CampaignOfOtherStores,
    CampaignStoreUnknown,
    LinkNotSafe,
    VariantPlan,
    VariantsWrong,
    change_campaign,
    copy_campaign,
    draft_campaign,
)
from dianke.marketing.operations.handing_over import hand_over
from dianke.marketing.operations.running import begin_campaign, finish_campaign, join_late
from dianke.marketing.operations.stopping import (
    CampaignNotRunning,
    pause_campaign,
    resume_campaign,
    stop_campaign,
)

__all__ = [
    "CampaignBegan",
    "CampaignNotDraft",
    "CampaignNotReady",
    "CampaignNotRunning",
    "CampaignNotWaiting",
    "CampaignOfOtherStores",
    "CampaignReasonMissing",
    "CampaignStoreUnknown",
    "LinkNotSafe",
    "VariantPlan",
    "VariantsWrong",
    "approve_campaign",
    "begin_campaign",
    "change_campaign",
    "copy_campaign",
    "draft_campaign",
    "finish_campaign",
    "hand_over",
    "join_late",
    "needs_second_person",
    "note_click",
    "pause_campaign",
    "reopen_refused_campaign",
    "resume_campaign",
    "stop_campaign",
    "submit_campaign",
    "take_back_campaign",
]
