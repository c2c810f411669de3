//! A request before it is sent: the operation's declaration filled with the call's values.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use url::{Url, form_urlencoded};

use super::{
    args::{Args, plain},
    node::Node,
    op::{Encoding, Op},
    way::Way,
};
use crate::{
    ConnectorError,
    parameter::{Parameter, Place, check::takes_null},
};

/// What stays as it is in a segment of a path (RFC 3986, 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// The longest URL; more is what servers commonly refuse.
const MAX_URL_BYTES: usize = 16 * 1024;

/// A request that can still be changed.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) method: Method,
    /// Below the base, escaped, with a slash at its beginning.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Content,
}

/// What a request carries.
#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    Json(Node),
    Form(Vec<(String, String)>),
}

impl Draft {
    /// A request of an operation's own.
    pub(crate) fn of(
        op: &Op,
        args: &Args<'_>,
        way: &Way,
        limit: Option<usize>,
    ) -> Result<Self, ConnectorError> {
        let method = Method::from_bytes(op.method.as_bytes());
        let method = method.map_err(|_| ConnectorError::Configuration("no such HTTP method".into()))?;
        let body = match op.encoding {
            Encoding::Nothing => Content::Nothing,
            Encoding::Json => Content::Json(Node::default()),
            Encoding::Form => Content::Form(Vec::new()),
        };
        let mut draft =
            Self { method, path: path(op, args, way)?, query: Vec::new(), headers: HeaderMap::new(), body };
        for (name, value) in op.fixed {
            draft.set(Place::Own, name, value)?;
        }
        for parameter in op.parameters() {
            if let Some(json) = args.all().raw(parameter.name).filter(|_| !in_path(op, parameter)) {
                draft.take(parameter, json)?;
            }
        }
        if let Some((place, _)) = op.size {
            draft.set(place, "limit", &op.page_size(limit).to_string())?;
        }
        if let Some(shape) = op.shape {
            shape(args, &mut draft, limit)?;
        }
        Ok(draft)
    }

    /// A request that no operation declares, below the same base.
    pub(crate) fn plain(method: Method, path: String) -> Self {
        Self { method, path, query: Vec::new(), headers: HeaderMap::new(), body: Content::Nothing }
    }

    /// Sets a JSON value, as text, in its place.
    pub(crate) fn set(&mut self, place: Place, name: &str, json: &str) -> Result<(), ConnectorError> {
        let place = match (place, &self.body) {
            (Place::Own, Content::Nothing) => Place::Query(""),
            (place, _) => place,
        };
        match (place, &mut self.body) {
            (Place::Query(other), _) => {
                let name = if other.is_empty() { name } else { other };
                replace(&mut self.query, name, json);
            }
            (Place::Header(header), _) => {
                let wrong = |_| ConnectorError::Invalid(format!("{name} holds what no header can carry"));
                self.headers.insert(HeaderName::from_static(header), plain(json).parse().map_err(wrong)?);
            }
            (Place::Own, Content::Json(body)) => body.put(&format!("/{name}"), literal(json)?),
            (Place::Body(pointer), Content::Json(body)) => body.put(pointer, literal(json)?),
            (Place::Own, Content::Form(fields)) => replace(fields, name, json),
            (Place::Body(other), Content::Form(fields)) => replace(fields, other, json),
            (Place::Whole, body) => *body = Content::Json(literal(json)?),
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, parameter: &Parameter, json: &str) -> Result<(), ConnectorError> {
        // Null means something in a body alone, and there only as a value that the parameter takes.
        if json == "null" && !(takes_null(parameter.kind) && matches!(self.body, Content::Json(_))) {
            return Ok(());
        }
        let Some(written) = parameter.written else {
            return self.set(parameter.place, parameter.name, json);
        };
        let wrong = |why| ConnectorError::Invalid(format!("the parameter {} {why}", parameter.name));
        let value = written(json).map_err(wrong)?;
        self.set(parameter.place, parameter.name, value.get())
    }

    /// The whole URL, below a base that ends in a slash.
    pub(crate) fn url(&self, base: &Url) -> Result<Url, ConnectorError> {
        let mut url = base.clone();
        url.set_path(&format!("{}{}", base.path(), self.path.trim_start_matches('/')));
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        if url.as_str().len() > MAX_URL_BYTES {
            let why = format!("the parameters make a URL of more than {MAX_URL_BYTES} bytes");
            return Err(ConnectorError::Invalid(why));
        }
        Ok(url)
    }

    /// The body's bytes; the headers get its type.
    pub(crate) fn body(&self, headers: &mut HeaderMap) -> Result<Bytes, ConnectorError> {
        let (kind, bytes) = match &self.body {
            Content::Nothing => return Ok(Bytes::new()),
            Content::Json(body) if body.is_empty() => return Ok(Bytes::new()),
            Content::Json(body) => {
                let unwritable =
                    |_| ConnectorError::Invalid("the parameters can't be written as JSON".into());
                ("application/json", serde_json::to_vec(body).map_err(unwritable)?.into())
            }
            Content::Form(fields) => {
                let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded", form.into())
            }
        };
        // A vendor may have a JSON type of its own.
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
        Ok(bytes)
    }
}

/// A value that is text in a declaration and JSON in a body: `true`, `5` and `{…}` stay what they are.
fn literal(json: &str) -> Result<Node, ConnectorError> {
    Node::raw(json).or_else(|_| Node::of(&json))
}

fn replace(pairs: &mut Vec<(String, String)>, name: &str, json: &str) {
    pairs.retain(|(known, _)| known != name);
    pairs.push((name.to_owned(), plain(json)));
}

fn in_path(op: &Op, parameter: &Parameter) -> bool {
    matches!(parameter.place, Place::Own) && op.path.contains(&format!("{{{}}}", parameter.name))
}

/// The path with its names filled in. A value is one segment, whatever it holds.
fn path(op: &Op, args: &Args<'_>, way: &Way) -> Result<String, ConnectorError> {
    let mut path = String::new();
    let mut rest = op.path;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else { break };
        path.push_str(before);
        if let Some((_, value)) = way.variables.iter().find(|(known, _)| *known == name) {
            path.push_str(value);
        } else {
            path.push_str(&segment(name, &args.text(name).unwrap_or_default())?);
        }
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

/// A value as one segment of a path. Dots alone would lead elsewhere, escaped or not.
pub(crate) fn segment(name: &str, value: &str) -> Result<String, ConnectorError> {
    if value.is_empty() || value.chars().all(|c| c == '.') || value.chars().any(char::is_control) {
        let why =
            format!("the parameter {name} must be an identifier, not empty, dots or control characters");
        return Err(ConnectorError::Invalid(why));
    }
    Ok(utf8_percent_encode(value, SEGMENT).to_string())
}
