//! The kinds of records that the account has, their properties, and how they are linked.

/// One kind of record.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// Its name in paths.
    pub(super) name: &'static str,
    /// Other names that the vendor takes for it: the singular and the type id.
    aliases: [&'static str; 2],
    /// Its name in messages.
    pub(super) label: &'static str,
    /// What the scopes for it are named after.
    pub(super) scope: &'static str,
    /// What may be written.
    pub(super) properties: &'static [&'static str],
    /// What a record can't do without.
    pub(super) required: &'static [&'static str],
    /// Properties of which no two records have the same value.
    pub(super) unique: &'static [&'static str],
    /// What is returned unless something else is asked for.
    pub(super) shown: &'static [&'static str],
    /// When it was changed last.
    pub(super) modified: &'static str,
}

pub(super) static KINDS: [Kind; 5] = [
    Kind {
        name: "contacts",
        aliases: ["contact", "0-1"],
        label: "CONTACT",
        scope: "contacts",
        properties: &[
            "email",
            "firstname",
            "lastname",
            "phone",
            "company",
            "jobtitle",
            "lifecyclestage",
            "hubspot_owner_id",
        ],
        required: &[],
        unique: &["email"],
        shown: &["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
        modified: "lastmodifieddate",
    },
    Kind {
        name: "companies",
        aliases: ["company", "0-2"],
        label: "COMPANY",
        scope: "companies",
        properties: &["name", "domain", "industry", "city", "country", "hubspot_owner_id", "erp_id"],
        required: &[],
        unique: &["erp_id"],
        shown: &["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
        modified: "hs_lastmodifieddate",
    },
    Kind {
        name: "deals",
        aliases: ["deal", "0-3"],
        label: "DEAL",
        scope: "deals",
        properties: &[
            "dealname",
            "amount",
            "dealstage",
            "pipeline",
            "closedate",
            "hubspot_owner_id",
            "erp_id",
        ],
        required: &["dealname"],
        unique: &["erp_id"],
        shown: &[
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ],
        modified: "hs_lastmodifieddate",
    },
    Kind {
        name: "tickets",
        aliases: ["ticket", "0-5"],
        label: "TICKET",
        scope: "tickets",
        properties: &["subject", "content", "hs_pipeline", "hs_pipeline_stage", "hubspot_owner_id"],
        required: &["subject"],
        unique: &[],
        shown: &["content", "createdate", "hs_lastmodifieddate", "hs_object_id", "subject"],
        modified: "hs_lastmodifieddate",
    },
    Kind {
        name: "notes",
        aliases: ["note", "0-46"],
        label: "NOTE",
        scope: "contacts",
        properties: &["hs_note_body", "hs_timestamp", "hs_attachment_ids", "hubspot_owner_id"],
        required: &["hs_timestamp"],
        unique: &[],
        shown: &["createdate", "hs_lastmodifieddate", "hs_object_id"],
        modified: "hs_lastmodifieddate",
    },
];

/// The ids of the links that the vendor defines: from, to, the id of the unlabelled one.
const LINKS: [(&str, &str, u64); 12] = [
    ("contacts", "companies", 279),
    ("companies", "contacts", 280),
    ("contacts", "deals", 4),
    ("deals", "contacts", 3),
    ("companies", "deals", 342),
    ("deals", "companies", 341),
    ("contacts", "tickets", 15),
    ("tickets", "contacts", 16),
    ("notes", "contacts", 202),
    ("notes", "companies", 190),
    ("notes", "deals", 214),
    ("notes", "tickets", 228),
];

impl Kind {
    /// The kind of a name, a singular or a type id.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name || kind.aliases.contains(&name))
    }

    /// The id of the unlabelled link to another kind.
    pub(super) fn link_to(&self, other: &Self) -> Option<u64> {
        LINKS.iter().find(|(from, to, _)| *from == self.name && *to == other.name).map(|(.., id)| *id)
    }

    /// The kind to which a link of this id leads.
    pub(super) fn linked_by(&self, id: u64) -> Option<&'static Self> {
        let link = LINKS.iter().find(|(from, _, link)| *from == self.name && *link == id)?;
        Self::find(link.1)
    }

    /// Whether a property may be read.
    pub(super) fn knows(&self, property: &str) -> bool {
        let made = ["createdate", "hs_object_id", self.modified];
        self.properties.contains(&property) || made.contains(&property)
    }
}

/// A pipeline's id, its label, and its stages: id, label, whether it closes the deal.
pub(super) type Pipeline = (&'static str, &'static str, &'static [(&'static str, &'static str, bool)]);

/// The pipelines of deals.
pub(super) const PIPELINES: [Pipeline; 2] = [
    (
        "default",
        "Sales Pipeline",
        &[
            ("appointmentscheduled", "Appointment Scheduled", false),
            ("qualifiedtobuy", "Qualified To Buy", false),
            ("closedwon", "Closed Won", true),
            ("closedlost", "Closed Lost", true),
        ],
    ),
    ("8011001", "Renewals", &[("8022001", "Due", false), ("8022002", "Renewed", true)]),
];
