//! What the source says that no value can be asked for: which of the store's traits a function takes, and which read
//! it does at its start.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use store::{
    FirstRead,
    access::{ACCESS, Permission},
};
use syn::{
    Expr, Item, ItemStruct, ItemTrait, TypeParamBound,
    visit::{self, Visit},
};

/// A path in the workspace.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// One file of the workspace.
pub(crate) fn file(relative: &str) -> syn::File {
    parse(&path(relative))
}

fn parse(path: &Path) -> syn::File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The items of every file of a folder.
fn items(folder: &Path) -> Vec<Item> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.extension() {
            Some(extension) if extension == "rs" => parse(&path).items,
            _ if path.is_dir() => items(&path),
            _ => Vec::new(),
        })
        .collect()
}

/// What the code of one function calls in AWS.
pub(crate) fn permissions(function: &str) -> BTreeSet<Permission> {
    let access: BTreeMap<&str, &[Permission]> = ACCESS.into();
    let mut all = BTreeSet::from([first_read(function).permission()]);
    for name in traits(function) {
        all.extend(access.get(name.as_str()).copied().unwrap_or_default());
    }
    all
}

/// The store's traits that a function's `App` holds, in its own fields and in those of the registry's types in it;
/// with the traits that they join.
pub(crate) fn traits(function: &str) -> BTreeSet<String> {
    let known = traits_of_the_store();
    let types = items(&path(&format!("functions/{function}/src"))).into_iter();
    let types = types.chain(items(&path("shared/registry/src"))).filter_map(|item| match item {
        Item::Struct(found) => Some(found),
        _ => None,
    });
    let types: Vec<_> = types.collect();
    let mut walk = Walk { types: &types, known: &known, seen: BTreeSet::new(), found: BTreeSet::new() };
    walk.enter("App");
    walk.found
}

fn traits_of_the_store() -> BTreeMap<String, ItemTrait> {
    let items = items(&path("shared/store/src")).into_iter();
    let traits = items.filter_map(|item| match item {
        Item::Trait(found) => Some((found.ident.to_string(), found)),
        _ => None,
    });
    traits.collect()
}

struct Walk<'a> {
    types: &'a [ItemStruct],
    known: &'a BTreeMap<String, ItemTrait>,
    seen: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Walk<'_> {
    fn enter(&mut self, name: &str) {
        assert!(!matches!(name, "Dynamo" | "SecretsManager"), "an App takes traits, not the whole {name}");
        if self.seen.insert(name.to_owned()) {
            let types = self.types;
            types
                .iter()
                .filter(|found| found.ident == name)
                .for_each(|found| self.visit_fields(&found.fields));
        }
    }

    fn bound(&mut self, bound: &TypeParamBound) {
        let TypeParamBound::Trait(bound) = bound else { return };
        let name = bound.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let Some(of_store) = self.known.get(&name) else { return };
        if self.found.insert(name) {
            of_store.supertraits.iter().for_each(|bound| self.bound(bound));
        }
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_type_trait_object(&mut self, object: &'ast syn::TypeTraitObject) {
        object.bounds.iter().for_each(|bound| self.bound(bound));
    }

    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        self.enter(&segment.ident.to_string());
        visit::visit_path_segment(self, segment);
    }
}

/// The read that a function's `main` does before its first call.
fn first_read(function: &str) -> FirstRead {
    struct Found(Vec<String>);
    impl<'ast> Visit<'ast> for Found {
        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            if dotted(&call.receiver).is_some_and(|receiver| receiver == "boot.dynamo()") {
                assert_eq!(call.method, "prime", "main reads once and leaves the rest to the App");
                let Some(Expr::Path(first)) = call.args.first() else { panic!("a word says what is read") };
                self.0.push(first.path.segments.last().unwrap().ident.to_string());
            }
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut found = Found(Vec::new());
    found.visit_file(&file(&format!("functions/{function}/src/main.rs")));
    match found.0.as_slice() {
        [word] if word == "Session" => FirstRead::Session,
        [word] if word == "License" => FirstRead::License,
        other => panic!("{function} begins with {other:?}"),
    }
}

/// `boot.settings.mode` as a text, for an expression that is names joined by dots; calls without their arguments.
pub(crate) fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        Expr::Field(field) => match &field.member {
            syn::Member::Named(name) => Some(format!("{}.{name}", dotted(&field.base)?)),
            syn::Member::Unnamed(_) => None,
        },
        Expr::MethodCall(call) => Some(format!("{}.{}()", dotted(&call.receiver)?, call.method)),
        Expr::Reference(reference) => dotted(&reference.expr),
        Expr::Paren(inner) => dotted(&inner.expr),
        Expr::Await(inner) => dotted(&inner.base),
        Expr::Try(inner) => dotted(&inner.expr),
        _ => None,
    }
}
