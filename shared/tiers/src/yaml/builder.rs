//! From events to the tree. Open lists and maps lie on a stack of our own, so that no document decides how deep
//! the thread's stack grows.

use std::collections::HashMap;

use saphyr_parser::{Event, ScalarStyle};
use zeroize::Zeroizing;

use super::{Entry, Flaw, MAX_DEPTH, MAX_REPEATED, Node, Scalar, Value};
use crate::fault::Path;

/// A tree under construction. Where a step gives `None`, a flaw was noted and the document is given up.
pub(super) struct Builder<'f> {
    open: Vec<Open>,
    root: Option<Node>,
    /// Complete nodes that aliases may repeat.
    anchors: HashMap<usize, Node>,
    repeated: usize,
    flaws: &'f mut Vec<Flaw>,
}

/// A list or map whose end has not come.
struct Open {
    line: usize,
    /// Its number; 0 for none.
    anchor: usize,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// The line of each key.
        seen: HashMap<String, usize>,
        /// A key whose value comes next.
        key: Option<Key>,
    },
}

struct Key {
    text: String,
    line: usize,
    /// The map has it already.
    twice: bool,
}

impl<'f> Builder<'f> {
    pub(super) fn new(flaws: &'f mut Vec<Flaw>) -> Self {
        Self { open: Vec::new(), root: None, anchors: HashMap::new(), repeated: 0, flaws }
    }

    /// The tree; an empty document is a null on line 1.
    pub(super) fn finish(self) -> Node {
        let null = || Value::Scalar(Scalar { text: Zeroizing::default(), plain: true });
        self.root.unwrap_or_else(|| Node { line: 1, value: null() })
    }

    /// Notes a flaw that the document is given up for.
    pub(super) fn refuse<T>(&mut self, line: usize, why: impl Into<String>) -> Option<T> {
        self.note(line, why);
        None
    }

    fn note(&mut self, line: usize, why: impl Into<String>) {
        let path = self.path();
        self.flaws.push(Flaw { line, path, why: why.into() });
    }

    pub(super) fn take(&mut self, event: Event<'_>, line: usize) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), line);
                let scalar =
                    Scalar { text: Zeroizing::new(text.into_owned()), plain: style == ScalarStyle::Plain };
                self.complete(Node { line, value: Value::Scalar(scalar) }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), line);
                self.start(Open { line, anchor, inside: Inside::List(Vec::new()) })
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.is_some(), line);
                let inside = Inside::Map { entries: Vec::new(), seen: HashMap::new(), key: None };
                self.start(Open { line, anchor, inside })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { line, anchor, inside } = self.open.pop()?;
                let value = match inside {
                    Inside::List(items) => Value::List(items),
                    Inside::Map { entries, .. } => Value::Map(entries),
                };
                self.complete(Node { line, value }, anchor)
            }
            Event::Alias(anchor) => self.repeat(anchor, line),
            Event::DocumentStart(_) if self.root.is_some() => {
                self.refuse(line, "is a second document; one file holds one")
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Some(()),
        }
    }

    fn refuse_tag(&mut self, tagged: bool, line: usize) {
        if tagged {
            self.note(line, "has a tag (`!…`); write the value alone, in quotes where it must be text");
        }
    }

    fn start(&mut self, open: Open) -> Option<()> {
        self.check_depth(1, open.line)?;
        self.open.push(open);
        Some(())
    }

    fn check_depth(&mut self, more: usize, line: usize) -> Option<()> {
        if self.open.len() + more > MAX_DEPTH {
            return self.refuse(line, format!("is nested deeper than {MAX_DEPTH} levels"));
        }
        Some(())
    }

    /// Puts a complete node where it belongs: into the root, as an item, as a key or as a key's value.
    fn complete(&mut self, node: Node, anchor: usize) -> Option<()> {
        self.check_depth(1, node.line)?;
        if anchor != 0 {
            self.spend(node.measure().0, node.line)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.put(node)
    }

    fn repeat(&mut self, anchor: usize, line: usize) -> Option<()> {
        let Some(node) = self.anchors.get(&anchor) else {
            return self.refuse(line, "repeats a value that is not complete");
        };
        let (size, depth) = node.measure();
        self.check_depth(depth, line)?;
        self.spend(size, line)?;
        let value = self.anchors.get(&anchor)?.value.clone();
        self.put(Node { line, value })
    }

    fn spend(&mut self, size: usize, line: usize) -> Option<()> {
        self.repeated += size;
        if self.repeated > MAX_REPEATED {
            return self.refuse(line, "repeats too much with anchors and aliases");
        }
        Some(())
    }

    fn put(&mut self, node: Node) -> Option<()> {
        let line = node.line;
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map { entries, seen, key }) => match (key.take(), node.value) {
                // Of a key that stands twice the first is kept; the flaw stops the start anyway.
                (Some(key), _) if key.twice => {}
                (Some(Key { text, line: at, .. }), value) => {
                    entries.push(Entry { key: text, line: at, node: Node { line, value } });
                }
                (None, Value::Scalar(scalar)) => {
                    let text = scalar.text.to_string();
                    let first = seen.get(&text).copied();
                    seen.entry(text.clone()).or_insert(line);
                    *key = Some(Key { text, line, twice: first.is_some() });
                    if let Some(first) = first {
                        self.note(line, format!("stands twice; the first is on line {first}"));
                    }
                }
                (None, _) => return self.refuse(line, "has a key that is no text"),
            },
        }
        Some(())
    }

    /// The keys down to what comes next.
    fn path(&self) -> Path {
        self.open.iter().fold(Path::default(), |path, open| match &open.inside {
            Inside::List(items) => path.child(&items.len().to_string()),
            Inside::Map { key: Some(key), .. } => path.child(&key.text),
            Inside::Map { key: None, .. } => path,
        })
    }
}
