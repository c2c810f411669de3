//! A store that fails as told: it stands between the functions and the tables, and judges each request by its operation.

use std::sync::Arc;

use boot::aws::Clients;

use crate::{Fault, Variant, World, wire};

impl World {
    /// Functions whose requests to AWS are judged by their operation, such as `GetItem`.
    pub async fn faulty(&self, judge: impl Fn(&str) -> Fault + Send + Sync + 'static) -> Variant {
        let clients = self.faulty_clients(judge).await;
        self.variant(|boot| boot.clients = clients).await
    }

    /// The clients alone, for functions that differ in something else too.
    pub async fn faulty_clients(&self, judge: impl Fn(&str) -> Fault + Send + Sync + 'static) -> Clients {
        let judge = Arc::new(judge);
        let way = wire::between(self.stack.aws, move |asked| judge(&asked.operation)).await;
        Clients::local(&format!("http://{way}"), local::stack::REGION).expect("clients")
    }
}
