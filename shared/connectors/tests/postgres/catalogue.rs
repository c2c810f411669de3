//! The list of functions with side effects, held against the server's own catalogue.

use model::{
    connector_type::ConnectorType,
    parameters::Parameters,
    policy::{OperationClass, Route},
};
use tokio_postgres::Client;

use crate::setup::{admin, asked, world};

/// Volatile, and yet they change nothing: clocks, randomness, waiting (the deadline bounds it), and looks at the
/// server's own state, which it permits by role.
const HARMLESS: &str = "
    clock_timestamp timeofday pg_sleep pg_sleep_for pg_sleep_until
    random random_normal gen_random_uuid uuidv4 uuidv7
    current_query currval lastval pg_sequence_last_value currtid2 amvalidate plpgsql_validator
    lo_get lo_tell lo_tell64
    pg_database_size pg_indexes_size pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size
    pg_partition_ancestors pg_partition_tree
    pg_blocking_pids pg_safe_snapshot_blocking_pids pg_isolation_test_session_is_blocked pg_lock_status
    pg_collation_actual_version pg_database_collation_actual_version
    pg_control_checkpoint pg_control_init pg_control_recovery pg_control_system
    pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_is_in_recovery pg_is_wal_replay_paused
    pg_get_wal_replay_pause_state pg_get_wal_resource_managers pg_last_committed_xact pg_last_wal_receive_lsn
    pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_get_multixact_members pg_prepared_xact
    pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status txid_status
    pg_get_backend_memory_contexts pg_get_shmem_allocations pg_get_wait_events pg_jit_available
    pg_notification_queue_usage pg_stat_have_stats pg_stat_get_recovery_prefetch
    pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit pg_stat_get_xact_function_calls
    pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans
    pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched pg_stat_get_xact_tuples_hot_updated
    pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated pg_stat_get_xact_tuples_returned
    pg_stat_get_xact_tuples_updated
    pg_replication_origin_progress pg_replication_origin_session_is_setup pg_replication_origin_session_progress
    pg_show_replication_origin_status
";

/// Whether a query that calls a function is refused.
fn is_refused(name: &str) -> bool {
    let none = Parameters::default();
    let statement = format!("SELECT \"{name}\"()");
    let operations =
        connectors::classify(ConnectorType::Postgres, Route::Query, asked(&statement, &none, None));
    operations.unwrap().iter().any(|operation| operation.class == OperationClass::Write)
}

async fn names(admin: &Client, condition: &str) -> Vec<String> {
    let query = format!("SELECT DISTINCT proname::text FROM pg_proc p WHERE {condition} ORDER BY 1");
    admin.query(&query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// What a caller can call: what takes or gives the server's internal values can only be called by it.
const CALLABLE: &str =
    "pronamespace = 'pg_catalog'::regnamespace AND NOT 'internal'::regtype = ANY(proargtypes)
    AND prorettype NOT IN (SELECT oid FROM pg_type WHERE typname IN ('internal', 'trigger', 'event_trigger')
    OR typname LIKE '%handler')";

#[tokio::test]
async fn every_volatile_function_of_the_server_is_refused_or_argued_for() {
    let admin = admin(crate::server!(), "postgres").await;
    let volatile = names(&admin, &format!("provolatile = 'v' AND {CALLABLE}")).await;
    assert!(volatile.len() > 150, "{}", volatile.len());
    let harmless: Vec<&str> = HARMLESS.split_whitespace().collect();
    let open: Vec<_> =
        volatile.iter().filter(|name| !is_refused(name) && !harmless.contains(&name.as_str())).collect();
    assert!(open.is_empty(), "neither refused nor argued for: {open:?}");
    let both: Vec<_> = harmless.iter().filter(|name| is_refused(name)).collect();
    assert!(both.is_empty(), "refused, though argued for: {both:?}");
}

#[tokio::test]
async fn functions_of_extensions_that_reach_other_servers_or_run_text_are_refused() {
    let (_, admin) = world(crate::server!()).await;
    let installed = admin
        .batch_execute("CREATE EXTENSION dblink; CREATE EXTENSION tablefunc; CREATE EXTENSION adminpack")
        .await;
    if installed.is_err() {
        return;
    }
    let members = "EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                   WHERE d.objid = p.oid AND e.extname IN ('dblink', 'adminpack')) OR proname IN ('crosstab', 'connectby')";
    let names = names(&admin, members).await;
    assert!(names.len() > 20, "{names:?}");
    let open: Vec<_> = names.iter().filter(|name| !is_refused(name)).collect();
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test]
async fn no_operator_cast_or_attribute_calls_a_volatile_function_without_its_name() {
    let admin = admin(crate::server!(), "postgres").await;
    let hidden = "provolatile = 'v' AND (oid IN (SELECT oprcode FROM pg_operator) OR oid IN (SELECT castfunc FROM pg_cast)
                  OR (pronargs = 1 AND proargtypes[0] IN (SELECT oid FROM pg_type WHERE typtype IN ('c', 'p')
                  AND typname NOT IN ('internal', 'cstring'))))";
    let condition = format!("pronamespace = 'pg_catalog'::regnamespace AND {hidden}");
    let none: Vec<String> = Vec::new();
    assert_eq!(names(&admin, &condition).await, none);
}
