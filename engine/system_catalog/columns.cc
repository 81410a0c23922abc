// The relations of pg_catalog and information_schema and their columns, as PostgreSQL 15 has them: NAME:TYPE, a letter each.
//   o oid (a bigint here)   t text   b boolean   h i l int2, 4, 8   f d float4, 8   z timestamptz   v interval   O T H F arrays of o t h f
#include "engine/system_catalog/columns.h"

namespace kappa {

const std::vector<SystemColumns>& SystemRelationColumns() {
  static const std::vector<SystemColumns> relations = {
      {"information_schema", "character_sets",
       "character_set_catalog:t character_set_schema:t character_set_name:t character_repertoire:t form_of_use:t "
       "default_collate_catalog:t default_collate_schema:t default_collate_name:t"},
      {"information_schema", "check_constraints", "constraint_catalog:t constraint_schema:t constraint_name:t check_clause:t"},
      {"information_schema", "columns",
       "table_catalog:t table_schema:t table_name:t column_name:t ordinal_position:i column_default:t is_nullable:t data_type:t "
       "character_maximum_length:i character_octet_length:i numeric_precision:i numeric_precision_radix:i numeric_scale:i "
       "datetime_precision:i interval_type:t interval_precision:i character_set_catalog:t character_set_schema:t "
       "character_set_name:t collation_catalog:t collation_schema:t collation_name:t domain_catalog:t domain_schema:t "
       "domain_name:t udt_catalog:t udt_schema:t udt_name:t scope_catalog:t scope_schema:t scope_name:t maximum_cardinality:i "
       "dtd_identifier:t is_self_referencing:t is_identity:t identity_generation:t identity_start:t identity_increment:t "
       "identity_maximum:t identity_minimum:t identity_cycle:t is_generated:t generation_expression:t is_updatable:t"},
      {"information_schema", "constraint_column_usage",
       "table_catalog:t table_schema:t table_name:t column_name:t constraint_catalog:t constraint_schema:t constraint_name:t"},
      {"information_schema", "enabled_roles", "role_name:t"},
      {"information_schema", "information_schema_catalog_name", "catalog_name:t"},
      {"information_schema", "key_column_usage",
       "constraint_catalog:t constraint_schema:t constraint_name:t table_catalog:t table_schema:t table_name:t column_name:t "
       "ordinal_position:i position_in_unique_constraint:i"},
      {"information_schema", "parameters",
       "specific_catalog:t specific_schema:t specific_name:t ordinal_position:i parameter_mode:t is_result:t as_locator:t "
       "parameter_name:t data_type:t character_maximum_length:i character_octet_length:i character_set_catalog:t "
       "character_set_schema:t character_set_name:t collation_catalog:t collation_schema:t collation_name:t numeric_precision:i "
       "numeric_precision_radix:i numeric_scale:i datetime_precision:i interval_type:t interval_precision:i udt_catalog:t "
       "udt_schema:t udt_name:t scope_catalog:t scope_schema:t scope_name:t maximum_cardinality:i dtd_identifier:t "
       "parameter_default:t"},
      {"information_schema", "referential_constraints",
       "constraint_catalog:t constraint_schema:t constraint_name:t unique_constraint_catalog:t unique_constraint_schema:t "
       "unique_constraint_name:t match_option:t update_rule:t delete_rule:t"},
      {"information_schema", "routines",
       "specific_catalog:t specific_schema:t specific_name:t routine_catalog:t routine_schema:t routine_name:t routine_type:t "
       "module_catalog:t module_schema:t module_name:t udt_catalog:t udt_schema:t udt_name:t data_type:t "
       "character_maximum_length:i character_octet_length:i character_set_catalog:t character_set_schema:t character_set_name:t "
       "collation_catalog:t collation_schema:t collation_name:t numeric_precision:i numeric_precision_radix:i numeric_scale:i "
       "datetime_precision:i interval_type:t interval_precision:i type_udt_catalog:t type_udt_schema:t type_udt_name:t "
       "scope_catalog:t scope_schema:t scope_name:t maximum_cardinality:i dtd_identifier:t routine_body:t routine_definition:t "
       "external_name:t external_language:t parameter_style:t is_deterministic:t sql_data_access:t is_null_call:t sql_path:t "
       "schema_level_routine:t max_dynamic_result_sets:i is_user_defined_cast:t is_implicitly_invocable:t security_type:t "
       "to_sql_specific_catalog:t to_sql_specific_schema:t to_sql_specific_name:t as_locator:t created:z last_altered:z "
       "new_savepoint_level:t is_udt_dependent:t result_cast_from_data_type:t result_cast_as_locator:t "
       "result_cast_char_max_length:i result_cast_char_octet_length:i result_cast_char_set_catalog:t "
       "result_cast_char_set_schema:t result_cast_char_set_name:t result_cast_collation_catalog:t result_cast_collation_schema:t "
       "result_cast_collation_name:t result_cast_numeric_precision:i result_cast_numeric_precision_radix:i "
       "result_cast_numeric_scale:i result_cast_datetime_precision:i result_cast_interval_type:t "
       "result_cast_interval_precision:i result_cast_type_udt_catalog:t result_cast_type_udt_schema:t "
       "result_cast_type_udt_name:t result_cast_scope_catalog:t result_cast_scope_schema:t result_cast_scope_name:t "
       "result_cast_maximum_cardinality:i result_cast_dtd_identifier:t"},
      {"information_schema", "schemata",
       "catalog_name:t schema_name:t schema_owner:t default_character_set_catalog:t default_character_set_schema:t "
       "default_character_set_name:t sql_path:t"},
      {"information_schema", "sequences",
       "sequence_catalog:t sequence_schema:t sequence_name:t data_type:t numeric_precision:i numeric_precision_radix:i "
       "numeric_scale:i start_value:t minimum_value:t maximum_value:t increment:t cycle_option:t"},
      {"information_schema", "table_constraints",
       "constraint_catalog:t constraint_schema:t constraint_name:t table_catalog:t table_schema:t table_name:t constraint_type:t "
       "is_deferrable:t initially_deferred:t enforced:t nulls_distinct:t"},
      {"information_schema", "tables",
       "table_catalog:t table_schema:t table_name:t table_type:t self_referencing_column_name:t reference_generation:t "
       "user_defined_type_catalog:t user_defined_type_schema:t user_defined_type_name:t is_insertable_into:t is_typed:t "
       "commit_action:t"},
      {"information_schema", "triggers",
       "trigger_catalog:t trigger_schema:t trigger_name:t event_manipulation:t event_object_catalog:t event_object_schema:t "
       "event_object_table:t action_order:i action_condition:t action_statement:t action_orientation:t action_timing:t "
       "action_reference_old_table:t action_reference_new_table:t action_reference_old_row:t action_reference_new_row:t "
       "created:z"},
      {"information_schema", "views",
       "table_catalog:t table_schema:t table_name:t view_definition:t check_option:t is_updatable:t is_insertable_into:t "
       "is_trigger_updatable:t is_trigger_deletable:t is_trigger_insertable_into:t"},
      {"pg_catalog", "pg_aggregate",
       "aggfnoid:o aggkind:t aggnumdirectargs:h aggtransfn:o aggfinalfn:o aggcombinefn:o aggserialfn:o aggdeserialfn:o "
       "aggmtransfn:o aggminvtransfn:o aggmfinalfn:o aggfinalextra:b aggmfinalextra:b aggfinalmodify:t aggmfinalmodify:t "
       "aggsortop:o aggtranstype:o aggtransspace:i aggmtranstype:o aggmtransspace:i agginitval:t aggminitval:t"},
      {"pg_catalog", "pg_am", "oid:o amname:t amhandler:o amtype:t"},
      {"pg_catalog", "pg_amop",
       "oid:o amopfamily:o amoplefttype:o amoprighttype:o amopstrategy:h amoppurpose:t amopopr:o amopmethod:o amopsortfamily:o"},
      {"pg_catalog", "pg_amproc", "oid:o amprocfamily:o amproclefttype:o amprocrighttype:o amprocnum:h amproc:o"},
      {"pg_catalog", "pg_attrdef", "oid:o adrelid:o adnum:h adbin:t"},
      {"pg_catalog", "pg_attribute",
       "attrelid:o attname:t atttypid:o attstattarget:i attlen:h attnum:h attndims:i attcacheoff:i atttypmod:i attbyval:b "
       "attalign:t attstorage:t attcompression:t attnotnull:b atthasdef:b atthasmissing:b attidentity:t attgenerated:t "
       "attisdropped:b attislocal:b attinhcount:i attcollation:o attacl:T attoptions:T attfdwoptions:T attmissingval:t"},
      {"pg_catalog", "pg_auth_members", "roleid:o member:o grantor:o admin_option:b"},
      {"pg_catalog", "pg_authid",
       "oid:o rolname:t rolsuper:b rolinherit:b rolcreaterole:b rolcreatedb:b rolcanlogin:b rolreplication:b rolbypassrls:b "
       "rolconnlimit:i rolpassword:t rolvaliduntil:z"},
      {"pg_catalog", "pg_cast", "oid:o castsource:o casttarget:o castfunc:o castcontext:t castmethod:t"},
      {"pg_catalog", "pg_class",
       "oid:o relname:t relnamespace:o reltype:o reloftype:o relowner:o relam:o relfilenode:o reltablespace:o relpages:i "
       "reltuples:f relallvisible:i reltoastrelid:o relhasindex:b relisshared:b relpersistence:t relkind:t relnatts:h "
       "relchecks:h relhasrules:b relhastriggers:b relhassubclass:b relrowsecurity:b relforcerowsecurity:b relispopulated:b "
       "relreplident:t relispartition:b relrewrite:o relfrozenxid:o relminmxid:o relacl:T reloptions:T relpartbound:t"},
      {"pg_catalog", "pg_collation",
       "oid:o collname:t collnamespace:o collowner:o collprovider:t collisdeterministic:b collencoding:i collcollate:t "
       "collctype:t colliculocale:t collversion:t"},
      {"pg_catalog", "pg_constraint",
       "oid:o conname:t connamespace:o contype:t condeferrable:b condeferred:b convalidated:b conrelid:o contypid:o conindid:o "
       "conparentid:o confrelid:o confupdtype:t confdeltype:t confmatchtype:t conislocal:b coninhcount:i connoinherit:b conkey:H "
       "confkey:H conpfeqop:O conppeqop:O conffeqop:O confdelsetcols:H conexclop:O conbin:t"},
      {"pg_catalog", "pg_conversion", "oid:o conname:t connamespace:o conowner:o conforencoding:i contoencoding:i conproc:o condefault:b"},
      {"pg_catalog", "pg_cursors", "name:t statement:t is_holdable:b is_binary:b is_scrollable:b creation_time:z"},
      {"pg_catalog", "pg_database",
       "oid:o datname:t datdba:o encoding:i datlocprovider:t datistemplate:b datallowconn:b datconnlimit:i datfrozenxid:o "
       "datminmxid:o dattablespace:o datcollate:t datctype:t daticulocale:t datcollversion:t datacl:T"},
      {"pg_catalog", "pg_db_role_setting", "setdatabase:o setrole:o setconfig:T"},
      {"pg_catalog", "pg_default_acl", "oid:o defaclrole:o defaclnamespace:o defaclobjtype:t defaclacl:T"},
      {"pg_catalog", "pg_depend", "classid:o objid:o objsubid:i refclassid:o refobjid:o refobjsubid:i deptype:t"},
      {"pg_catalog", "pg_description", "objoid:o classoid:o objsubid:i description:t"},
      {"pg_catalog", "pg_enum", "oid:o enumtypid:o enumsortorder:f enumlabel:t"},
      {"pg_catalog", "pg_event_trigger", "oid:o evtname:t evtevent:t evtowner:o evtfoid:o evtenabled:t evttags:T"},
      {"pg_catalog", "pg_extension", "oid:o extname:t extowner:o extnamespace:o extrelocatable:b extversion:t extconfig:O extcondition:T"},
      {"pg_catalog", "pg_foreign_data_wrapper", "oid:o fdwname:t fdwowner:o fdwhandler:o fdwvalidator:o fdwacl:T fdwoptions:T"},
      {"pg_catalog", "pg_foreign_server", "oid:o srvname:t srvowner:o srvfdw:o srvtype:t srvversion:t srvacl:T srvoptions:T"},
      {"pg_catalog", "pg_foreign_table", "ftrelid:o ftserver:o ftoptions:T"},
      {"pg_catalog", "pg_group", "groname:t grosysid:o grolist:O"},
      {"pg_catalog", "pg_index",
       "indexrelid:o indrelid:o indnatts:h indnkeyatts:h indisunique:b indnullsnotdistinct:b indisprimary:b indisexclusion:b "
       "indimmediate:b indisclustered:b indisvalid:b indcheckxmin:b indisready:b indislive:b indisreplident:b indkey:H "
       "indcollation:O indclass:O indoption:H indexprs:t indpred:t"},
      {"pg_catalog", "pg_indexes", "schemaname:t tablename:t indexname:t tablespace:t indexdef:t"},
      {"pg_catalog", "pg_inherits", "inhrelid:o inhparent:o inhseqno:i inhdetachpending:b"},
      {"pg_catalog", "pg_language", "oid:o lanname:t lanowner:o lanispl:b lanpltrusted:b lanplcallfoid:o laninline:o lanvalidator:o lanacl:T"},
      {"pg_catalog", "pg_largeobject_metadata", "oid:o lomowner:o lomacl:T"},
      {"pg_catalog", "pg_locks",
       "locktype:t database:o relation:o page:i tuple:h virtualxid:t transactionid:o classid:o objid:o objsubid:h "
       "virtualtransaction:t pid:i mode:t granted:b fastpath:b waitstart:z"},
      {"pg_catalog", "pg_matviews", "schemaname:t matviewname:t matviewowner:t tablespace:t hasindexes:b ispopulated:b definition:t"},
      {"pg_catalog", "pg_namespace", "oid:o nspname:t nspowner:o nspacl:T"},
      {"pg_catalog", "pg_opclass", "oid:o opcmethod:o opcname:t opcnamespace:o opcowner:o opcfamily:o opcintype:o opcdefault:b opckeytype:o"},
      {"pg_catalog", "pg_operator",
       "oid:o oprname:t oprnamespace:o oprowner:o oprkind:t oprcanmerge:b oprcanhash:b oprleft:o oprright:o oprresult:o oprcom:o "
       "oprnegate:o oprcode:o oprrest:o oprjoin:o"},
      {"pg_catalog", "pg_opfamily", "oid:o opfmethod:o opfname:t opfnamespace:o opfowner:o"},
      {"pg_catalog", "pg_parameter_acl", "oid:o parname:t paracl:T"},
      {"pg_catalog", "pg_partitioned_table", "partrelid:o partstrat:t partnatts:h partdefid:o partattrs:H partclass:O partcollation:O partexprs:t"},
      {"pg_catalog", "pg_policy", "oid:o polname:t polrelid:o polcmd:t polpermissive:b polroles:O polqual:t polwithcheck:t"},
      {"pg_catalog", "pg_prepared_statements", "name:t statement:t prepare_time:z parameter_types:T from_sql:b generic_plans:l custom_plans:l"},
      {"pg_catalog", "pg_prepared_xacts", "transaction:o gid:t prepared:z owner:t database:t"},
      {"pg_catalog", "pg_proc",
       "oid:o proname:t pronamespace:o proowner:o prolang:o procost:f prorows:f provariadic:o prosupport:o prokind:t prosecdef:b "
       "proleakproof:b proisstrict:b proretset:b provolatile:t proparallel:t pronargs:h pronargdefaults:h prorettype:o "
       "proargtypes:O proallargtypes:O proargmodes:T proargnames:T proargdefaults:t protrftypes:O prosrc:t probin:t prosqlbody:t "
       "proconfig:T proacl:T"},
      {"pg_catalog", "pg_publication", "oid:o pubname:t pubowner:o puballtables:b pubinsert:b pubupdate:b pubdelete:b pubtruncate:b pubviaroot:b"},
      {"pg_catalog", "pg_publication_namespace", "oid:o pnpubid:o pnnspid:o"},
      {"pg_catalog", "pg_publication_rel", "oid:o prpubid:o prrelid:o prqual:t prattrs:H"},
      {"pg_catalog", "pg_range", "rngtypid:o rngsubtype:o rngmultitypid:o rngcollation:o rngsubopc:o rngcanonical:o rngsubdiff:o"},
      {"pg_catalog", "pg_rewrite", "oid:o rulename:t ev_class:o ev_type:t ev_enabled:t is_instead:b ev_qual:t ev_action:t"},
      {"pg_catalog", "pg_roles",
       "rolname:t rolsuper:b rolinherit:b rolcreaterole:b rolcreatedb:b rolcanlogin:b rolreplication:b rolconnlimit:i "
       "rolpassword:t rolvaliduntil:z rolbypassrls:b rolconfig:T oid:o"},
      {"pg_catalog", "pg_seclabels", "objoid:o classoid:o objsubid:i objtype:t objnamespace:o objname:t provider:t label:t"},
      {"pg_catalog", "pg_sequence", "seqrelid:o seqtypid:o seqstart:l seqincrement:l seqmax:l seqmin:l seqcache:l seqcycle:b"},
      {"pg_catalog", "pg_sequences",
       "schemaname:t sequencename:t sequenceowner:t data_type:t start_value:l min_value:l max_value:l increment_by:l cycle:b "
       "cache_size:l last_value:l"},
      {"pg_catalog", "pg_settings",
       "name:t setting:t unit:t category:t short_desc:t extra_desc:t context:t vartype:t source:t min_val:t max_val:t enumvals:T "
       "boot_val:t reset_val:t sourcefile:t sourceline:i pending_restart:b"},
      {"pg_catalog", "pg_shadow", "usename:t usesysid:o usecreatedb:b usesuper:b userepl:b usebypassrls:b passwd:t valuntil:z useconfig:T"},
      {"pg_catalog", "pg_shdescription", "objoid:o classoid:o description:t"},
      {"pg_catalog", "pg_stat_activity",
       "datid:o datname:t pid:i leader_pid:i usesysid:o usename:t application_name:t client_addr:t client_hostname:t "
       "client_port:i backend_start:z xact_start:z query_start:z state_change:z wait_event_type:t wait_event:t state:t "
       "backend_xid:o backend_xmin:o query_id:l query:t backend_type:t"},
      {"pg_catalog", "pg_stat_user_tables",
       "relid:o schemaname:t relname:t seq_scan:l seq_tup_read:l idx_scan:l idx_tup_fetch:l n_tup_ins:l n_tup_upd:l n_tup_del:l "
       "n_tup_hot_upd:l n_live_tup:l n_dead_tup:l n_mod_since_analyze:l n_ins_since_vacuum:l last_vacuum:z last_autovacuum:z "
       "last_analyze:z last_autoanalyze:z vacuum_count:l autovacuum_count:l analyze_count:l autoanalyze_count:l"},
      {"pg_catalog", "pg_statistic_ext", "oid:o stxrelid:o stxname:t stxnamespace:o stxowner:o stxstattarget:i stxkeys:H stxkind:T stxexprs:t"},
      {"pg_catalog", "pg_statistic_ext_data", "stxoid:o stxdinherit:b stxdndistinct:t stxddependencies:t stxdmcv:t stxdexpr:t"},
      {"pg_catalog", "pg_subscription",
       "oid:o subdbid:o subskiplsn:t subname:t subowner:o subenabled:b subbinary:b substream:b subtwophasestate:t "
       "subdisableonerr:b subconninfo:t subslotname:t subsynccommit:t subpublications:T"},
      {"pg_catalog", "pg_tables", "schemaname:t tablename:t tableowner:t tablespace:t hasindexes:b hasrules:b hastriggers:b rowsecurity:b"},
      {"pg_catalog", "pg_tablespace", "oid:o spcname:t spcowner:o spcacl:T spcoptions:T"},
      {"pg_catalog", "pg_timezone_names", "name:t abbrev:t utc_offset:v is_dst:b"},
      {"pg_catalog", "pg_trigger",
       "oid:o tgrelid:o tgparentid:o tgname:t tgfoid:o tgtype:h tgenabled:t tgisinternal:b tgconstrrelid:o tgconstrindid:o "
       "tgconstraint:o tgdeferrable:b tginitdeferred:b tgnargs:h tgattr:H tgargs:t tgqual:t tgoldtable:t tgnewtable:t"},
      {"pg_catalog", "pg_ts_config", "oid:o cfgname:t cfgnamespace:o cfgowner:o cfgparser:o"},
      {"pg_catalog", "pg_ts_dict", "oid:o dictname:t dictnamespace:o dictowner:o dicttemplate:o dictinitoption:t"},
      {"pg_catalog", "pg_ts_parser", "oid:o prsname:t prsnamespace:o prsstart:o prstoken:o prsend:o prsheadline:o prslextype:o"},
      {"pg_catalog", "pg_ts_template", "oid:o tmplname:t tmplnamespace:o tmplinit:o tmpllexize:o"},
      {"pg_catalog", "pg_type",
       "oid:o typname:t typnamespace:o typowner:o typlen:h typbyval:b typtype:t typcategory:t typispreferred:b typisdefined:b "
       "typdelim:t typrelid:o typsubscript:o typelem:o typarray:o typinput:o typoutput:o typreceive:o typsend:o typmodin:o "
       "typmodout:o typanalyze:o typalign:t typstorage:t typnotnull:b typbasetype:o typtypmod:i typndims:i typcollation:o "
       "typdefaultbin:t typdefault:t typacl:T"},
      {"pg_catalog", "pg_user", "usename:t usesysid:o usecreatedb:b usesuper:b userepl:b usebypassrls:b passwd:t valuntil:z useconfig:T"},
      {"pg_catalog", "pg_user_mapping", "oid:o umuser:o umserver:o umoptions:T"},
      {"pg_catalog", "pg_views", "schemaname:t viewname:t viewowner:t definition:t"},
      {"pg_catalog", "pg_user_mappings", "umid:o srvid:o srvname:t umuser:o usename:t umoptions:T"},
      {"pg_catalog", "pg_transform", "oid:o trftype:o trflang:o trffromsql:t trftosql:t"},
      {"pg_catalog", "pg_init_privs", "objoid:o classoid:o objsubid:i privtype:t initprivs:T"},
  };
  return relations;
}

}  // namespace kappa
