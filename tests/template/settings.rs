//! Which variables a function reads: those that make the fields of `boot::Settings` that its code looks at, directly or
//! through `Boot`.

use std::collections::{BTreeMap, BTreeSet};

use store::access::Resource;
use syn::{
    Block, Expr, ExprCall, ExprStruct, ImplItem, Item, Lit, Member, Pat, Stmt,
    visit::{self, Visit},
};

use crate::source::{self, dotted, file};

/// The variables that a function reads; those that Lambda sets itself are none.
pub(crate) fn read_by(function: &str) -> BTreeSet<String> {
    let of_fields = variables_of_fields();
    let mut read = log_levels();
    for field in fields(function) {
        match field.as_str() {
            // Told by the permissions; and any `MCP_…`, a deployment's own.
            "tables" | "environment" => {}
            field => read.extend(of_fields[field].iter().cloned()),
        }
    }
    read.extend(tables(function));
    read.retain(|name| !name.starts_with("AWS_"));
    read
}

/// A table's name is a variable of the functions that may use it.
fn tables(function: &str) -> BTreeSet<String> {
    let permissions = source::permissions(function).into_iter();
    let kinds = permissions.filter_map(|permission| match permission.resource {
        Resource::Table(kind) | Resource::Index(kind, _) => Some(kind),
        Resource::Secrets => None,
    });
    kinds.map(|kind| format!("{}_TABLE", kind.to_ascii_uppercase())).collect()
}

fn log_levels() -> BTreeSet<String> {
    let logging = file("shared/boot/src/logging.rs");
    let mut variables = logging.items.iter().filter_map(|item| match item {
        Item::Const(found) if found.ident == "VARIABLES" => Some(Words::of_expression(&found.expr).literals),
        _ => None,
    });
    variables.next().expect("the levels' variables")
}

/// The fields of the settings that a function's code looks at.
fn fields(function: &str) -> BTreeSet<String> {
    let boot = Bodies::of("shared/boot/src/lib.rs", "Boot");
    let settings = Bodies::of("shared/boot/src/settings.rs", "Settings");
    let mut fields = BTreeSet::new();
    for chain in Chains::of_file(&file(&format!("functions/{function}/src/lib.rs"))).0 {
        if let Some(setting) = chain.strip_prefix("boot.settings.") {
            fields.extend(setting_of(setting, &settings));
        } else if let Some(method) = chain.strip_prefix("boot.").and_then(|rest| rest.strip_suffix("()"))
            // Its other fields are made of what Lambda sets itself, or of nothing.
            && !method.contains('.')
        {
            fields.extend(boot.fields_through(method, "self.settings."));
        }
        assert_ne!(chain, "boot.settings", "{function} hands on all settings: what it reads can't be told");
    }
    fields
}

/// `mode`, `allowed_origins.clone()` and `portal_rules()`, each as the fields that it reads.
fn setting_of(chain: &str, settings: &Bodies) -> BTreeSet<String> {
    let first = chain.split('.').next().unwrap_or_default();
    match first.strip_suffix("()") {
        None => BTreeSet::from([first.to_owned()]),
        Some(method) => settings.fields_through(method, "self."),
    }
}

/// The methods of a type, by name.
struct Bodies(BTreeMap<String, Block>);

impl Bodies {
    fn of(path: &str, wanted: &str) -> Self {
        let mut methods = BTreeMap::new();
        for item in file(path).items {
            if let Item::Impl(found) = item
                && found.trait_.is_none()
                && matches!(&*found.self_ty, syn::Type::Path(path) if path.path.is_ident(wanted))
            {
                methods.extend(found.items.into_iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some((method.sig.ident.to_string(), method.block)),
                    _ => None,
                }));
            }
        }
        Self(methods)
    }

    /// The fields that a method reads of what begins with a prefix. The reading of the lower tiers has a file of its own.
    fn fields_through(&self, method: &str, prefix: &str) -> BTreeSet<String> {
        let mut chains = Chains::default();
        chains.visit_block(self.0.get(method).unwrap_or_else(|| panic!("no method {method}")));
        let mut fields = BTreeSet::new();
        for chain in &chains.0 {
            if let Some(rest) = chain.strip_prefix(prefix) {
                fields.extend(rest.split('.').next().map(str::to_owned));
            } else if chain == "tiers::read" {
                let tiers = Chains::of_file(&file("shared/boot/src/tiers.rs")).0;
                let of_tiers = tiers.iter().filter_map(|chain| chain.strip_prefix("settings."));
                fields.extend(of_tiers.filter_map(|rest| rest.split('.').next()).map(str::to_owned));
            }
        }
        fields
    }
}

/// Every chain of names in a piece of code, the longest of each, and every function that is called by a path.
#[derive(Default)]
struct Chains(BTreeSet<String>);

impl Chains {
    fn of_file(file: &syn::File) -> Self {
        let mut chains = Self::default();
        for item in &file.items {
            // Tests read what they like.
            if !matches!(item, Item::Mod(_)) {
                chains.visit_item(item);
            }
        }
        chains
    }

    /// Takes a chain whole, or says that this is none.
    fn take(&mut self, chain: Option<String>) -> bool {
        chain.is_some_and(|chain| {
            self.0.insert(chain);
            true
        })
    }
}

impl<'ast> Visit<'ast> for Chains {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        let chained = matches!(expression, Expr::Field(_) | Expr::MethodCall(_));
        if !(chained && self.take(dotted(expression))) {
            visit::visit_expr(self, expression);
        } else if let Expr::MethodCall(call) = expression {
            call.args.iter().for_each(|argument| self.visit_expr(argument));
        }
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let names = path.path.segments.iter().map(|segment| segment.ident.to_string());
            self.0.insert(names.collect::<Vec<_>>().join("::"));
        }
        visit::visit_expr_call(self, call);
    }
}

/// The variables that each field of the settings is made of: the names that stand in its expression, and in those of the
/// local values that it uses.
fn variables_of_fields() -> BTreeMap<String, BTreeSet<String>> {
    let settings = Bodies::of("shared/boot/src/settings.rs", "Settings");
    let body = &settings.0["from_lookup"];
    let mut locals: BTreeMap<String, Words> = BTreeMap::new();
    let mut made = None;
    for statement in &body.stmts {
        match statement {
            Stmt::Local(local) => {
                if let (Pat::Ident(name), Some(value)) = (&local.pat, &local.init) {
                    locals.entry(name.ident.to_string()).or_default().visit_expr(&value.expr);
                }
            }
            Stmt::Expr(Expr::Call(ok), None) => made = ok.args.first(),
            _ => {}
        }
    }
    let Some(Expr::Struct(ExprStruct { fields, .. })) = made else {
        panic!("from_lookup ends by making itself")
    };
    let of_field = |field: &syn::FieldValue| {
        let Member::Named(name) = &field.member else { panic!("fields have names") };
        (name.to_string(), Words::of_expression(&field.expr).variables(&locals))
    };
    fields.iter().map(of_field).collect()
}

/// The names of variables and of local values in an expression.
#[derive(Clone, Default)]
struct Words {
    literals: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Words {
    fn of_expression(expression: &Expr) -> Self {
        let mut words = Self::default();
        words.visit_expr(expression);
        words
    }

    fn variables(&self, locals: &BTreeMap<String, Self>) -> BTreeSet<String> {
        let mut all = self.literals.clone();
        let mut waiting: Vec<_> = self.names.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if let Some(local) = locals.get(&name).filter(|_| seen.insert(name)) {
                all.extend(local.literals.iter().cloned());
                waiting.extend(local.names.iter().cloned());
            }
        }
        all
    }
}

impl<'ast> Visit<'ast> for Words {
    fn visit_lit(&mut self, literal: &'ast Lit) {
        if let Lit::Str(text) = literal {
            let text = text.value();
            let name = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
            if text.len() > 2 && text.chars().all(name) {
                self.literals.insert(text);
            }
        }
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.names.extend(path.path.get_ident().map(ToString::to_string));
    }
}
