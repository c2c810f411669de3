//! Functions that do more than give a value, though a read-only transaction lets them. The server marks what it
//! can't reorder as volatile; each of those is listed here, but for the harmless ones. A test holds the lists
//! against a real server's catalogue, and argues for what it finds in none, so that a new version can't slip one in.

use crate::sql::Effect;

/// They run SQL that they get as text, or code, or SQL on another server: no one can judge what that is.
pub(super) const RUNS_TEXT: &str = "
    query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema ts_stat ts_rewrite
    crosstab crosstab2 crosstab3 crosstab4 crosstab_hash connectby xpath_table
";

/// They change the session, which later calls share.
pub(super) const SESSION: &str = "
    set_config setseed pg_advisory_lock pg_advisory_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared
    pg_advisory_unlock pg_advisory_unlock_shared pg_advisory_unlock_all
    lo_open lo_close lo_lseek lo_lseek64 loread lowrite lo_creat lo_truncate lo_truncate64
    pg_replication_origin_session_setup pg_replication_origin_session_reset pg_replication_origin_xact_setup
    pg_replication_origin_xact_reset pg_stat_force_next_flush pg_stat_clear_snapshot pg_export_snapshot
";

/// They change something, or read or write files of the server.
pub(super) const WRITES: &str = "
    nextval setval pg_nextoid
    lo_create lo_export lo_from_bytea lo_import lo_put lo_unlink lo_manage
    pg_notify pg_logical_emit_message pg_advisory_xact_lock pg_advisory_xact_lock_shared
    pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
    pg_cancel_backend pg_terminate_backend pg_reload_conf pg_rotate_logfile pg_rotate_logfile_old pg_logdir_ls
    pg_read_file pg_read_file_old pg_read_binary_file pg_stat_file pg_ls_dir pg_ls_logdir pg_ls_waldir
    pg_ls_archive_statusdir pg_ls_tmpdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir pg_ls_summariesdir
    pg_file_read pg_file_write pg_file_sync pg_file_rename pg_file_unlink pg_file_length
    pg_current_logfile pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings
    pg_backup_start pg_backup_stop pg_start_backup pg_stop_backup pg_switch_wal pg_create_restore_point pg_promote
    pg_wal_replay_pause pg_wal_replay_resume pg_log_backend_memory_contexts pg_log_standby_snapshot
    pg_copy_logical_replication_slot pg_copy_physical_replication_slot pg_create_logical_replication_slot
    pg_create_physical_replication_slot pg_drop_replication_slot pg_replication_slot_advance
    pg_sync_replication_slots pg_logical_slot_get_changes pg_logical_slot_get_binary_changes
    pg_logical_slot_peek_changes pg_logical_slot_peek_binary_changes
    pg_replication_origin_advance pg_replication_origin_create pg_replication_origin_drop
    pg_stat_reset pg_stat_reset_replication_slot pg_stat_reset_shared pg_stat_reset_single_function_counters
    pg_stat_reset_single_table_counters pg_stat_reset_slru pg_stat_reset_subscription_stats
    pg_stat_reset_backend_stats pg_restore_relation_stats pg_restore_attribute_stats pg_restore_extended_stats
    pg_clear_relation_stats pg_clear_attribute_stats pg_clear_extended_stats
    pg_import_system_collations pg_extension_config_dump pg_stop_making_pinned_objects
    brin_desummarize_range brin_summarize_new_values brin_summarize_range gin_clean_pending_list
    pg_prewarm pg_buffercache_evict pg_stat_statements_reset pg_truncate_visibility_map heap_force_kill
    heap_force_freeze
    binary_upgrade_create_empty_extension binary_upgrade_set_missing_value
    binary_upgrade_set_next_array_pg_type_oid binary_upgrade_set_next_heap_pg_class_oid
    binary_upgrade_set_next_heap_relfilenode binary_upgrade_set_next_index_pg_class_oid
    binary_upgrade_set_next_index_relfilenode binary_upgrade_set_next_multirange_array_pg_type_oid
    binary_upgrade_set_next_multirange_pg_type_oid binary_upgrade_set_next_pg_authid_oid
    binary_upgrade_set_next_pg_enum_oid binary_upgrade_set_next_pg_tablespace_oid
    binary_upgrade_set_next_pg_type_oid binary_upgrade_set_next_toast_pg_class_oid
    binary_upgrade_set_next_toast_relfilenode binary_upgrade_set_record_init_privs
";

/// Schemas of extensions whose functions act outside the database, whatever they are called.
const OUTSIDE: [&str; 4] = ["aws_lambda", "aws_s3", "cron", "net"];

/// What a call of a function does; every schema is taken for the one that matters.
pub(super) fn effect(schema: Option<&str>, name: &str) -> Effect {
    if name.starts_with("dblink") || listed(RUNS_TEXT, name) {
        return Effect::Refused(
            "it runs SQL that it gets as text, which can't be judged; send that SQL itself",
        );
    }
    if listed(SESSION, name) {
        return Effect::Refused("it changes the session, which later calls share");
    }
    if listed(WRITES, name) || schema.is_some_and(|schema| OUTSIDE.contains(&schema)) {
        return Effect::Writes;
    }
    Effect::None
}

fn listed(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|entry| entry == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_apart_by_what_they_do() {
        assert_eq!(effect(None, "random"), Effect::None);
        assert_eq!(effect(Some("pg_catalog"), "nextval"), Effect::Writes);
        assert_eq!(effect(Some("aws_lambda"), "invoke"), Effect::Writes);
        for name in ["dblink", "dblink_exec", "set_config", "query_to_xml", "pg_advisory_lock"] {
            assert!(matches!(effect(None, name), Effect::Refused(_)), "{name}");
        }
    }

    #[test]
    fn no_function_is_in_two_lists() {
        let lists = [RUNS_TEXT, SESSION, WRITES];
        let mut all: Vec<&str> = lists.iter().flat_map(|list| list.split_whitespace()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
