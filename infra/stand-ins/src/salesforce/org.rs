//! The org's objects, what their fields take, and their records.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fault::Fault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Text,
    Email,
    Number,
    Date,
    Flag,
    Reference,
    /// One of a restricted list.
    Picklist(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// An external id; `unique` ones can't be had twice.
    pub(super) external: bool,
    pub(super) unique: bool,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false, external: false, unique: false }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { required: true, ..field(name, kind) }
}

const fn external(name: &'static str, unique: bool) -> Field {
    Field { external: true, unique, ..field(name, Kind::Text) }
}

const STAGES: &[&str] = &["Prospecting", "Qualification", "Closed Won", "Closed Lost"];

/// Name, label, the ids' first three characters, fields.
const OBJECTS: [(&str, &str, &str, &[Field]); 4] = [
    (
        "Account",
        "Account",
        "001",
        &[
            field("Id", Kind::Id),
            required("Name", Kind::Text),
            field("Industry", Kind::Text),
            field("Phone", Kind::Text),
            field("BillingCity", Kind::Text),
            field("AnnualRevenue", Kind::Number),
            field("IsPartner", Kind::Flag),
            external("ExternalKey__c", true),
            external("LegacyCode__c", false),
        ],
    ),
    (
        "Contact",
        "Contact",
        "003",
        &[
            field("Id", Kind::Id),
            required("LastName", Kind::Text),
            field("FirstName", Kind::Text),
            field("Email", Kind::Email),
            field("AccountId", Kind::Reference),
            external("ExternalKey__c", true),
        ],
    ),
    (
        "Opportunity",
        "Opportunity",
        "006",
        &[
            field("Id", Kind::Id),
            required("Name", Kind::Text),
            required("StageName", Kind::Picklist(STAGES)),
            required("CloseDate", Kind::Date),
            field("Amount", Kind::Number),
            field("AccountId", Kind::Reference),
        ],
    ),
    (
        "Invoice__c",
        "Invoice",
        "a0B",
        &[
            field("Id", Kind::Id),
            required("Name", Kind::Text),
            field("Total__c", Kind::Number),
            external("Number__c", true),
        ],
    ),
];

#[derive(Clone)]
pub(super) struct Object {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) prefix: &'static str,
    pub(super) fields: &'static [Field],
    /// By id, in the order in which they were made.
    pub(super) records: BTreeMap<String, Map<String, Value>>,
    pub(super) deleted: Vec<String>,
    pub(super) forbidden: bool,
    made: u32,
}

#[derive(Clone)]
pub(crate) struct Org(pub(super) Vec<Object>);

impl Default for Org {
    fn default() -> Self {
        let object = |(name, label, prefix, fields)| Object {
            name,
            label,
            prefix,
            fields,
            records: BTreeMap::new(),
            deleted: Vec::new(),
            forbidden: false,
            made: 0,
        };
        Self(OBJECTS.into_iter().map(object).collect())
    }
}

impl Org {
    /// An object by its name, whatever its case.
    pub(super) fn object(&mut self, name: &str) -> Result<&mut Object, Fault> {
        let found = self.0.iter_mut().find(|object| object.name.eq_ignore_ascii_case(name));
        found.ok_or_else(Fault::no_resource)
    }
}

impl Object {
    pub(super) fn insert(&mut self, mut fields: Map<String, Value>) -> String {
        self.made += 1;
        let id = id18(&format!("{}Kd{:010}", self.prefix, self.made));
        fields.insert("Id".to_owned(), json!(id));
        self.records.insert(id.clone(), fields);
        id
    }

    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// A field that the caller names in a list of fields to read.
    pub(super) fn known(&self, name: &str) -> Result<&'static Field, Fault> {
        self.field(name).ok_or_else(|| {
            let object = self.name;
            let why = format!("No such column '{name}' on entity '{object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.");
            Fault::new(400, "INVALID_FIELD", why)
        })
    }

    /// Whether the fields may be written; `whole` where the record does not exist yet.
    pub(super) fn check(&self, fields: &Map<String, Value>, whole: bool) -> Result<(), Fault> {
        for (name, value) in fields.iter().filter(|(name, _)| *name != "attributes") {
            let field = self.field(name).ok_or_else(|| {
                let why = format!("No such column '{name}' on sobject of type {}", self.name);
                Fault::new(400, "INVALID_FIELD", why)
            })?;
            check_value(field, value)?;
        }
        let missing = |field: &&Field| {
            let value = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name));
            let empty = value.is_none_or(|(_, value)| value.is_null() || value == "");
            field.required && if whole { empty } else { value.is_some() && empty }
        };
        let missing: Vec<&str> = self.fields.iter().filter(missing).map(|field| field.name).collect();
        if !missing.is_empty() {
            let why = format!("Required fields are missing: [{}]", missing.join(", "));
            return Err(Fault::new(400, "REQUIRED_FIELD_MISSING", why).of(&missing));
        }
        if fields.get("AnnualRevenue").and_then(Value::as_f64).is_some_and(|revenue| revenue < 0.0) {
            let why = "The revenue must not be negative.";
            return Err(Fault::new(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", why).of(&["AnnualRevenue"]));
        }
        Ok(())
    }

    /// Another record that has a unique field's value already.
    pub(super) fn check_unique(&self, fields: &Map<String, Value>, own: Option<&str>) -> Result<(), Fault> {
        for field in self.fields.iter().filter(|field| field.unique) {
            let Some(value) = fields.get(field.name).filter(|value| !value.is_null()) else { continue };
            let taken = self.records.iter().find(|(id, record)| {
                own != Some(id.as_str()) && record.get(field.name).is_some_and(|known| known == value)
            });
            if let Some((id, _)) = taken {
                let name = field.name;
                let why = format!("duplicate value found: {name} duplicates value on record with id: {id}");
                return Err(Fault::new(400, "DUPLICATE_VALUE", why));
            }
        }
        Ok(())
    }

    pub(super) fn permitted(&self) -> Result<(), Fault> {
        if self.forbidden {
            return Err(Fault::new(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id"));
        }
        Ok(())
    }
}

fn check_value(field: &Field, value: &Value) -> Result<(), Fault> {
    let name = field.name;
    if field.kind == Kind::Id {
        let why = format!(
            "Unable to create/update fields: {name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set."
        );
        return Err(Fault::new(400, "INVALID_FIELD_FOR_INSERT_UPDATE", why).of(&[name]));
    }
    if value.is_null() {
        return Ok(());
    }
    let kind = match field.kind {
        Kind::Number => "double",
        Kind::Flag => "boolean",
        _ => "string",
    };
    let fits = match field.kind {
        Kind::Number => value.is_number(),
        Kind::Flag => value.is_boolean(),
        _ => value.is_string(),
    };
    if !fits {
        return Err(Fault::parser(&format!("Cannot deserialize instance of {kind} from VALUE {value}")));
    }
    let text = value.as_str().unwrap_or_default();
    if text.chars().count() > 255 {
        let why = format!("{name}: data value too large: {text} (max length=255)");
        return Err(Fault::new(400, "STRING_TOO_LONG", why).of(&[name]));
    }
    match field.kind {
        Kind::Email if !text.is_empty() && !text.contains('@') => {
            let why = format!("{name}: invalid email address: {text}");
            Err(Fault::new(400, "INVALID_EMAIL_ADDRESS", why).of(&[name]))
        }
        Kind::Date if text.len() != 10 => {
            Err(Fault::parser(&format!("Cannot deserialize instance of date from VALUE_STRING value {text}")))
        }
        Kind::Picklist(known) if !known.contains(&text) => {
            let why = format!("{name}: bad value for restricted picklist field: {text}");
            Err(Fault::new(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", why).of(&[name]))
        }
        Kind::Reference if !is_id(text) => {
            let why = format!("{}: id value of incorrect type: {text}", field.name);
            Err(Fault::new(400, "MALFORMED_ID", why).of(&[name]))
        }
        _ => Ok(()),
    }
}

/// Whether a text has the form of an id: 15 characters, or 18 whose last three fit the others.
pub(super) fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match (plain, text.len()) {
        (true, 15) => true,
        (true, 18) => text.get(..15).is_some_and(|short| id18(short) == text),
        _ => false,
    }
}

/// The long form of a short id: three characters more, which say what is upper case.
pub(super) fn id18(short: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let bytes = short.as_bytes();
    let mark = |chunk: &[u8]| {
        let bits =
            chunk.iter().rev().fold(0, |bits, byte| bits << 1 | usize::from(byte.is_ascii_uppercase()));
        char::from(ALPHABET.get(bits).copied().unwrap_or(b'A'))
    };
    let marks: String = bytes.chunks(5).map(mark).collect();
    format!("{short}{marks}")
}
