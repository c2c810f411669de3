//! The tables that there are, with their fields as the reference's own samples show them.

/// One table.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What its records are numbered by.
    pub(super) prefix: &'static str,
    /// Lists of its fields.
    fields: &'static [&'static [&'static str]],
}

const SYSTEM: &[&str] = &[
    "sys_id",
    "sys_created_by",
    "sys_created_on",
    "sys_updated_by",
    "sys_updated_on",
    "sys_mod_count",
    "sys_tags",
    "sys_class_name",
    "sys_domain",
    "sys_domain_path",
];
const TASK: &[&str] = &[
    "active",
    "activity_due",
    "additional_assignee_list",
    "approval",
    "approval_history",
    "approval_set",
    "assigned_to",
    "assignment_group",
    "business_duration",
    "business_service",
    "calendar_duration",
    "close_notes",
    "closed_at",
    "closed_by",
    "cmdb_ci",
    "comments",
    "comments_and_work_notes",
    "company",
    "contact_type",
    "correlation_display",
    "correlation_id",
    "delivery_plan",
    "delivery_task",
    "description",
    "due_date",
    "escalation",
    "expected_start",
    "follow_up",
    "group_list",
    "impact",
    "knowledge",
    "location",
    "made_sla",
    "number",
    "opened_at",
    "opened_by",
    "order",
    "parent",
    "priority",
    "reassignment_count",
    "rejection_goto",
    "short_description",
    "sla_due",
    "state",
    "time_worked",
    "upon_approval",
    "upon_reject",
    "urgency",
    "user_input",
    "watch_list",
    "wf_activity",
    "work_end",
    "work_notes",
    "work_notes_list",
    "work_start",
];
const INCIDENT: &[&str] = &[
    "business_stc",
    "calendar_stc",
    "caller_id",
    "category",
    "caused_by",
    "child_incidents",
    "close_code",
    "incident_state",
    "notify",
    "parent_incident",
    "problem_id",
    "reopen_count",
    "resolved_at",
    "resolved_by",
    "rfc",
    "severity",
    "subcategory",
    "hold_reason",
    "u_region",
];
const CHANGE: &[&str] = &[
    "backout_plan",
    "cab_date",
    "cab_delegate",
    "cab_recommendation",
    "cab_required",
    "category",
    "change_plan",
    "chg_model",
    "ci_class",
    "close_code",
    "conflict_last_run",
    "conflict_status",
    "end_date",
    "implementation_plan",
    "is_bulk",
    "justification",
    "on_hold",
    "on_hold_reason",
    "on_hold_task",
    "outside_maintenance_schedule",
    "phase",
    "phase_state",
    "production_system",
    "reason",
    "requested_by",
    "requested_by_date",
    "review_comments",
    "review_date",
    "review_status",
    "risk",
    "risk_impact_analysis",
    "risk_value",
    "scope",
    "start_date",
    "std_change_producer_version",
    "test_plan",
    "type",
    "unauthorized",
];
const CHANGE_TASK: &[&str] = &[
    "change_request",
    "change_task_type",
    "close_code",
    "planned_end_date",
    "planned_start_date",
    "on_hold",
    "on_hold_reason",
];
const ITEM: &[&str] = &[
    "asset_tag",
    "assigned_to",
    "attributes",
    "category",
    "company",
    "cost",
    "cpu_count",
    "discovery_source",
    "fqdn",
    "host_name",
    "install_status",
    "ip_address",
    "location",
    "managed_by",
    "manufacturer",
    "name",
    "operational_status",
    "os",
    "os_version",
    "ram",
    "serial_number",
    "short_description",
    "support_group",
];

pub(super) const TABLES: &[Table] = &[
    Table { name: "incident", prefix: "INC", fields: &[SYSTEM, TASK, INCIDENT] },
    Table { name: "change_request", prefix: "CHG", fields: &[SYSTEM, TASK, CHANGE] },
    Table { name: "change_task", prefix: "CTASK", fields: &[SYSTEM, TASK, CHANGE_TASK] },
    Table { name: "problem", prefix: "PRB", fields: &[SYSTEM, TASK] },
    Table {
        name: "sys_user",
        prefix: "",
        fields: &[SYSTEM, &["user_name", "name", "email", "active", "department"]],
    },
    Table {
        name: "sys_user_group",
        prefix: "",
        fields: &[SYSTEM, &["name", "description", "manager", "active"]],
    },
    Table {
        name: "sys_journal_field",
        prefix: "",
        fields: &[SYSTEM, &["element", "element_id", "name", "value"]],
    },
    Table {
        name: "std_change_record_producer",
        prefix: "",
        fields: &[SYSTEM, &["sys_name", "short_description"]],
    },
    Table { name: "cmdb_ci", prefix: "", fields: &[SYSTEM, ITEM] },
    Table { name: "cmdb_ci_linux_server", prefix: "", fields: &[SYSTEM, ITEM] },
    Table { name: "cmdb_ci_win_server", prefix: "", fields: &[SYSTEM, ITEM] },
    Table { name: "u_shipment", prefix: "SHP", fields: &[SYSTEM, &["number", "u_carrier", "u_status"]] },
];

impl Table {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.fields.iter().flat_map(|fields| fields.iter().copied())
    }

    /// Whether it has this field, or one that leads to another table's.
    pub(super) fn has(&self, field: &str) -> bool {
        let (first, beyond) = field.split_once('.').unwrap_or((field, ""));
        let known = self.fields().any(|known| known == first);
        known
            && (beyond.is_empty()
                || target(first).and_then(Self::named).is_some_and(|table| table.has(beyond)))
    }
}

/// The table that a field refers to.
pub(super) fn target(field: &str) -> Option<&'static str> {
    Some(match field {
        "assigned_to" | "caller_id" | "opened_by" | "closed_by" | "resolved_by" | "requested_by"
        | "managed_by" => "sys_user",
        "assignment_group" | "support_group" => "sys_user_group",
        "cmdb_ci" => "cmdb_ci",
        "parent_incident" => "incident",
        "problem_id" => "problem",
        "change_request" | "rfc" => "change_request",
        _ => return None,
    })
}

/// Fields that only take entries, and read as empty.
pub(super) fn is_journal(field: &str) -> bool {
    matches!(field, "work_notes" | "comments")
}

/// What people read in place of a choice's value.
pub(super) fn label(table: &str, field: &str, value: &str) -> Option<&'static str> {
    Some(match (table, field, value) {
        ("incident", "state" | "incident_state", "1") => "New",
        ("incident", "state" | "incident_state", "2") => "In Progress",
        ("incident", "state" | "incident_state", "3") => "On Hold",
        ("incident", "state" | "incident_state", "6") => "Resolved",
        ("incident", "state" | "incident_state", "7") => "Closed",
        ("incident", "state" | "incident_state", "8") => "Canceled",
        ("change_request", "state", state) => state_label(state)?,
        ("change_request", "type", "normal") => "Normal",
        ("change_request", "type", "standard") => "Standard",
        ("change_request", "type", "emergency") => "Emergency",
        (_, "impact" | "urgency", "1") => "1 - High",
        (_, "impact" | "urgency", "2") => "2 - Medium",
        (_, "impact" | "urgency", "3") => "3 - Low",
        (_, "priority", "1") => "1 - Critical",
        (_, "priority", "2") => "2 - High",
        (_, "priority", "3") => "3 - Moderate",
        (_, "priority", "4") => "4 - Low",
        (_, "priority", "5") => "5 - Planning",
        (_, "approval", "not requested") => "Not Yet Requested",
        (_, "approval", "requested") => "Requested",
        (_, "approval", "approved") => "Approved",
        (_, "approval", "rejected") => "Rejected",
        _ => return None,
    })
}

/// What people read in place of a state of a change.
pub(super) fn state_label(state: &str) -> Option<&'static str> {
    Some(match state {
        "-5" => "New",
        "-4" => "Assess",
        "-3" => "Authorize",
        "-2" => "Scheduled",
        "-1" => "Implement",
        "0" => "Review",
        "3" => "Closed",
        "4" => "Canceled",
        _ => return None,
    })
}
