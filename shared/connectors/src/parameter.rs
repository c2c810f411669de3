//! What an operation takes, as data: from one declaration come its JSON Schema, its check and its place in the request.

pub(crate) mod check;
pub(crate) mod schema;

use serde_json::value::RawValue;

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// Whether the operation can't do without.
    pub(crate) required: bool,
    /// What it means, in one line.
    pub(crate) about: &'static str,
    /// Where in the request it goes.
    pub(crate) place: Place,
    /// How its value is written where that is not as given. The error says what would be right.
    pub(crate) written: Option<Written>,
}

/// Another form of a value.
pub(crate) type Written = fn(&str) -> Result<Box<RawValue>, String>;

/// What a parameter holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Text that is not empty.
    Text,
    /// Text of at most so many characters.
    UpTo(usize),
    /// An integer from one bound to the other.
    Integer(i64, i64),
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A day such as `2026-12-31`.
    Date,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// Any object.
    Object,
    /// An object of known members.
    Shape(&'static [Parameter]),
    /// From one to so many of a kind.
    List(&'static Kind, usize),
    /// Any one of several kinds.
    Either(&'static [Kind]),
    /// Null, which otherwise is as good as nothing.
    Null,
}

/// Where in a request a value goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Under its own name: in the path where the path has it, else in the body or, where there is none, in the query.
    Own,
    /// In the query, under another name. A list is joined with commas.
    Query(&'static str),
    /// In the body, at a pointer such as `/fields/summary`; in a form, under a name.
    Body(&'static str),
    /// It is the body.
    Whole,
    /// A header.
    Header(&'static str),
    /// Nowhere by itself: the operation's code reads it.
    Nowhere,
}

/// What several parameters have to do with each other.
#[derive(Clone, Copy, Debug)]
pub enum Choice {
    /// At least one of them must be there.
    AnyOf(&'static [&'static str]),
    /// One of them must be there, and no other beside it.
    OneOf(&'static [&'static str]),
    /// One of them may be there, and no other beside it.
    AtMostOne(&'static [&'static str]),
}

/// A parameter that must be there.
pub(crate) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { name, kind, required: true, about, place: Place::Own, written: None }
}

/// A parameter that may be left out.
pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Parameter {
    Parameter { required: false, ..required(name, kind, about) }
}

impl Choice {
    /// What it asks for, for people.
    pub(crate) fn says(self) -> String {
        match self {
            Self::AnyOf(names) => format!("at least one of {}", names.join(", ")),
            Self::OneOf(names) => format!("one of {}, and only one", names.join(", ")),
            Self::AtMostOne(names) => format!("at most one of {}", names.join(", ")),
        }
    }
}

impl Parameter {
    /// The same at another place.
    pub(crate) const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The same, written in another form than it is given in.
    pub(crate) const fn written(self, written: Written) -> Self {
        Self { written: Some(written), ..self }
    }
}
