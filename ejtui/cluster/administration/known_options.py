"""What ejabberd itself has in its ejabberd.yml, in any release that is supported.

A value of anything else may be a secret, whatever its name.
"""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OPTIONS = _names(
    """
    access_rules acl acme allow_contrib_modules allow_multiple_connections anonymous_protocol
    api_permissions append_host_config auth_cache_life_time auth_cache_missed auth_cache_size
    auth_external_user_exists_check auth_method auth_opts auth_password_format
    auth_password_types_hidden_in_sasl1 auth_scram_hash auth_stored_password_types auth_use_cache
    c2s_cafile c2s_ciphers c2s_dhfile c2s_protocol_options c2s_tls_compression ca_file
    cache_life_time cache_missed cache_size captcha_cmd captcha_host captcha_limit captcha_url
    certfiles cluster_backend cluster_nodes default_db default_ram_db define_keyword define_macro
    disable_sasl_mechanisms disable_sasl_scram_downgrade_protection domain_balancing ext_api_headers
    ext_api_http_pool_size ext_api_path_oauth ext_api_url extauth_pool_name extauth_pool_size
    extauth_program fqdn hide_sensitive_log_data host_config hosts hosts_alias include_config_file
    install_contrib_modules jwt_auth_only_rule jwt_jid_field jwt_key language ldap_backups ldap_base
    ldap_deref_aliases ldap_dn_filter ldap_encrypt ldap_filter ldap_password ldap_port ldap_rootdn
    ldap_servers ldap_tls_cacertfile ldap_tls_certfile ldap_tls_depth ldap_tls_verify ldap_uids
    listen log_burst_limit_count log_burst_limit_window_time log_modules_fully log_rotate_count
    log_rotate_size loglevel max_fsm_queue modules negotiation_timeout net_ticktime new_sql_schema
    node_start oauth_access oauth_cache_life_time oauth_cache_missed
    oauth_cache_rest_failure_life_time oauth_cache_size oauth_client_id_check oauth_db_type
    oauth_expire oauth_use_cache oom_killer oom_queue oom_watermark outgoing_s2s_families
    outgoing_s2s_ipv4_address outgoing_s2s_ipv6_address outgoing_s2s_port outgoing_s2s_timeout
    pam_service pam_userinfotype pgsql_users_number_estimate queue_dir queue_type
    redis_connect_timeout redis_db redis_password redis_pool_size redis_port redis_queue_type
    redis_server registration_timeout replaced_connection_timeout resource_conflict rest_proxy
    rest_proxy_password rest_proxy_port rest_proxy_username router_cache_life_time
    router_cache_missed router_cache_size router_db_type router_use_cache rpc_timeout s2s_access
    s2s_cafile s2s_ciphers s2s_dhfile s2s_dns_retries s2s_dns_timeout s2s_max_retry_delay
    s2s_protocol_options s2s_queue_type s2s_timeout s2s_tls_compression s2s_use_starttls s2s_zlib
    shaper shaper_rules sm_cache_life_time sm_cache_missed sm_cache_size sm_db_type sm_use_cache
    sql_connect_timeout sql_database sql_flags sql_keepalive_interval sql_odbc_driver sql_password
    sql_pool_size sql_port sql_prefix sql_prepared_statements sql_query_timeout sql_queue_type
    sql_schema_multihost sql_server sql_ssl sql_ssl_cafile sql_ssl_certfile sql_ssl_verify
    sql_start_interval sql_type sql_username trusted_proxies update_sql_schema
    update_sql_schema_timeout use_cache validate_stream version websocket_origin
    websocket_ping_interval websocket_timeout
    """
)
"""Options of the whole node or of a virtual host. `meanings` has those that are compared, with what
follows from each; for every other one it is decided below why not."""


def _each(reasons: Mapping[str, str]) -> Mapping[str, str]:
    return {name: why for why, names in reasons.items() for name in names.split()}


OF_A_HOST = _each(
    {
        "a file of the host": """
            acme c2s_cafile c2s_dhfile ca_file captcha_cmd certfiles ldap_tls_cacertfile
            ldap_tls_certfile queue_dir s2s_cafile s2s_dhfile sql_odbc_driver sql_ssl_cafile
            sql_ssl_certfile
        """,
        "an address of the host, or a name of it": """
            captcha_host captcha_url fqdn listen outgoing_s2s_ipv4_address
            outgoing_s2s_ipv6_address
        """,
        "how the host reaches others": """
            outgoing_s2s_families outgoing_s2s_port outgoing_s2s_timeout redis_connect_timeout
            rest_proxy rest_proxy_password rest_proxy_port rest_proxy_username s2s_dns_retries
            s2s_dns_timeout s2s_max_retry_delay sql_connect_timeout sql_keepalive_interval
            sql_query_timeout sql_ssl sql_ssl_verify sql_start_interval
        """,
        "the log of the host": """
            log_burst_limit_count log_burst_limit_window_time log_modules_fully log_rotate_count
            log_rotate_size loglevel
        """,
        "how much the host can do, and when it has too little memory": """
            ext_api_http_pool_size extauth_pool_name extauth_pool_size oom_killer oom_queue
            oom_watermark redis_pool_size sql_pool_size
        """,
        "the members of its cluster, which its database has, too": "cluster_nodes node_start",
        "what is installed there; what runs is compared": """
            allow_contrib_modules install_contrib_modules version
        """,
    }
)
"""Options that may differ with the host, each with what it is."""

NO_CONSEQUENCE = _each(
    {
        "what is kept in memory of what the database has; a change ends it on every node": """
            auth_cache_life_time auth_cache_missed auth_cache_size auth_use_cache cache_life_time
            cache_missed cache_size oauth_cache_life_time oauth_cache_missed
            oauth_cache_rest_failure_life_time oauth_cache_size oauth_use_cache
            router_cache_life_time router_cache_missed router_cache_size router_use_cache
            sm_cache_life_time sm_cache_missed sm_cache_size sm_use_cache use_cache
        """,
        "where stanzas and queries wait, in memory or on the disk": """
            queue_type redis_queue_type s2s_queue_type sql_queue_type
        """,
        "compression, which both ends agree on with each connection": """
            c2s_tls_compression s2s_tls_compression s2s_zlib
        """,
        "how the database is asked, with the same answer": "sql_flags sql_prepared_statements",
        "how long something is waited for that is there on both, or asked for again": """
            rpc_timeout s2s_timeout update_sql_schema_timeout
        """,
    }
)
"""Options whose difference no user and no administrator notices, each with why."""

IN_ANOTHER_WAY = _each(
    {
        "a word of the file; what it stands for is compared": """
            append_host_config define_keyword define_macro host_config include_config_file
        """,
        "compared by virtual host": "hosts",
        "compared one by one": "modules",
        "compared as it is in effect": "net_ticktime",
    }
)
"""Options that are compared, but not as values of this file."""

NOT_COMPARED: Mapping[str, str] = {**OF_A_HOST, **NO_CONSEQUENCE}
"""Both together."""

LISTENER_OPTIONS = _names(
    """
    accept_interval access allow_unencrypted_sasl2 auth_realm auth_type backlog cafile certfile
    check_from ciphers custom_headers default_host dhfile global_routes hosts ip max_fsm_queue
    max_payload_size max_stanza_elements max_stanza_size module password port
    pre_auth_max_stanza_elements pre_auth_max_stanza_size protocol_options request_handlers
    send_timeout server_name shaper shaper_rule starttls starttls_required supervisor tag tls
    tls_compression tls_verify transport turn_blacklist turn_ipv4_address turn_ipv6_address
    turn_max_allocations turn_max_permissions turn_max_port turn_min_port unix_socket
    use_proxy_protocol use_turn zlib
    """
)
"""Options of a listener."""

MODULES = _names(
    """
    mod_adhoc mod_adhoc_api mod_admin_extra mod_admin_update_sql mod_announce mod_antispam
    mod_auth_fast mod_avatar mod_block_strangers mod_blocking mod_bosh mod_caps mod_carboncopy
    mod_client_state mod_configure mod_conversejs mod_delegation mod_disco mod_fail2ban
    mod_host_meta mod_http_api mod_http_fileserver mod_http_upload mod_http_upload_quota mod_invites
    mod_jidprep mod_last mod_legacy_auth mod_mam mod_matrix_gw mod_metrics mod_mix mod_mix_pam
    mod_mqtt mod_mqtt_bridge mod_muc mod_muc_admin mod_muc_log mod_muc_rtbl mod_multicast
    mod_offline mod_ping mod_pres_counter mod_privacy mod_private mod_privilege mod_providers
    mod_proxy65 mod_pubsub mod_pubsub_serverinfo mod_push mod_push_keepalive mod_register
    mod_register_web mod_roster mod_s2s_bidi mod_s2s_dialback mod_scram_upgrade mod_service_log
    mod_shared_roster mod_shared_roster_ldap mod_sic mod_sip mod_stats mod_stream_mgmt
    mod_stun_disco mod_time mod_vcard mod_vcard_ldap mod_vcard_mnesia mod_vcard_xupdate mod_version
    """
)
"""Modules that come with ejabberd."""

MODULE_OPTIONS = _names(
    """
    access access_admin access_create access_create_account access_createnode access_from
    access_hard_quota access_log access_mam access_max_user_messages access_persistent
    access_preferences access_publish access_register access_remove access_soft_quota access_spam
    access_subscribe accesslog ack_timeout allow_local_users allow_modules allow_return_all
    allow_transports always_record_route append_module_config archive_muc_as_mucsub assume_mam_usage
    auth_type bosh_service_url bounce_groupchat c2s_auth_ban_lifetime c2s_max_auth_failures
    cache_life_time cache_missed cache_size captcha captcha_protected cleanup_affiliations_on_start
    clear_archive_on_room_destroy compress_xml content_types conversejs_css conversejs_options
    conversejs_plugins conversejs_resources conversejs_script convert count credentials_lifetime
    cssfile custom_headers db_type default default_content_type default_domain default_node_config
    default_room_options default_version dir_mode directory_indices dirname dirtype docroot drop
    external_secret extra_domains file_format file_mode file_permissions flow_timeout_tcp
    flow_timeout_udp force_node_config get_url hibernation_timeout history_size host hostname hosts
    ignore_pep_from_offline include_body include_sender interval ip ip_access iq jid_in_url json
    key_name landing_page languages last_item_cache ldap_auth_check ldap_backups ldap_base
    ldap_deref_aliases ldap_encrypt ldap_filter ldap_gfilter ldap_groupattr ldap_groupdesc
    ldap_memberattr ldap_memberattr_format ldap_memberattr_format_re ldap_password ldap_port
    ldap_rfilter ldap_rootdn ldap_search_fields ldap_search_reported ldap_servers
    ldap_tls_cacertfile ldap_tls_certfile ldap_tls_depth ldap_tls_verify ldap_ufilter ldap_uids
    ldap_userdesc ldap_userjidattr ldap_useruid ldap_vcard_map leave_timeout limits log loggers
    match_retained_limit matches matrix_domain matrix_id_as_jid max_ack_queue max_captcha_whitelist
    max_concat max_connections max_days max_inactivity max_invites max_item_expire_node
    max_items_node max_nodes_discoitems max_password max_pause max_queue max_resume_timeout
    max_room_desc max_room_id max_room_name max_rooms_discoitems max_size max_subscriptions_node
    max_topic_aliases max_topic_depth max_user_conferences max_users max_users_admin_threshold
    max_users_presence message min_message_interval min_presence_interval must_authenticate_with
    name namespaces nodetree notary_servers notify_on offer_local_services offered_upgrades
    organization outdir password_strength pep_mapping ping_ack_timeout ping_interval plugins port
    prebind preload_rooms presence pubsub_host put_url queue_chat_states queue_pep queue_presence
    queue_type ram_db_type rate_limit recbuf record_route redirect_url regexp_room_id
    registration_watchers replication_user report_commands_node request_activates_archiving
    resend_on_timeout resume_timeout rm_on_unregister room_shaper roster routes rtbl_node
    rtbl_server rtbl_services search search_all_hosts secret secret_length send_pings server_host
    server_info servers service_url services session_expiry shaper show_os since site_name sndbuf
    spam_domains_file spam_dump_file spam_jids_file spam_prevention spam_urls_file store_current_id
    store_empty_body store_groupchat subscribe_room_many_max_users templates_dir thumbnail
    timeout_action timezone token_expire_seconds token_lifetime token_refresh_age top_link
    use_cache use_mam_for_storage user_message_shaper user_mucsub_from_muc_archive
    user_presence_shaper vcard versioning via wake_on_start wake_on_timeout webchat_url website
    websocket_url welcome_message whitelist_domains_file
    """
)
"""Options of these modules."""
