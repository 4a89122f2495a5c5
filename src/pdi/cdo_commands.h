/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The commands of a CDO, one row each: X(id, name, arguments). The id is the low half of the header
 * word, module << 8 | number. Rows are in the order of their ids.
 *
 * Arguments are separated by spaces, in the order of their words: NAME[:KIND][?], where '?' marks
 * one that may be missing at the end. Kinds:
 *   (none)    one word                         :text      the rest: characters, zeros behind
 *   :addr     an address in one word           :data      the rest: words
 *   :addr64   an address, high word first      :commands  the rest: commands
 *   :addr64lo an address, low word first
 *
 * src: Xilinx/bootgen: cdo-binary.c, CMD2_*, decode_v2_cmd, encode_v2_cmd; cdo-source.c,
 * command_list [code]
 */
/* clang-format off */
#define CDO_COMMANDS(X)                                                                            \
    X(0x100, "end_mark", "")                                                                       \
    X(0x101, "mask_poll", "addr:addr mask value timeout flags? error?")                            \
    X(0x102, "mask_write", "addr:addr mask value")                                                 \
    X(0x103, "write", "addr:addr value")                                                           \
    X(0x104, "delay", "microseconds")                                                              \
    X(0x105, "dma_write", "addr:addr64 words:data")                                                \
    X(0x106, "mask_poll64", "addr:addr64 mask value timeout flags? error?")                        \
    X(0x107, "mask_write64", "addr:addr64 mask value")                                             \
    X(0x108, "write64", "addr:addr64 value")                                                       \
    X(0x109, "dma_xfer", "src:addr64 dst:addr64 n_words flags")                                    \
    X(0x10a, "init_seq", "words:data")                                                             \
    X(0x10b, "cframe_read", "flags dst:addr64 n_words words:data")                                 \
    X(0x10c, "set", "addr:addr64 n_words value")                                                   \
    X(0x10d, "write_keyhole", "addr:addr64 keyhole_size words:data")                               \
    X(0x10e, "ssit_sync_master", "")                                                               \
    X(0x10f, "ssit_sync_slaves", "mask timeout")                                                   \
    X(0x110, "ssit_wait_slaves", "mask timeout")                                                   \
    X(0x111, "nop", "words:data")                                                                  \
    X(0x112, "get_device_id", "words:data")                                                        \
    X(0x113, "event_logging", "subcommand words:data")                                             \
    X(0x114, "set_board", "name:text")                                                             \
    X(0x115, "get_board", "words:data")                                                            \
    X(0x116, "set_plm_wdt", "node_id periodicity")                                                 \
    X(0x117, "log_string", "text:text")                                                            \
    X(0x118, "log_address", "addr:addr high?")                                                     \
    X(0x119, "marker", "value text:text")                                                          \
    X(0x11a, "proc", "id commands:commands")                                                       \
    X(0x11b, "block_begin", "n_words name:text")                                                   \
    X(0x11c, "block_end", "")                                                                      \
    X(0x11d, "break", "level?")                                                                    \
    X(0x11e, "ot_check", "value")                                                                  \
    X(0x11f, "psm_sequence", "commands:commands")                                                  \
    X(0x120, "plm_update", "words:data")                                                           \
    X(0x121, "scatter_write", "value addrs:data")                                                  \
    X(0x122, "scatter_write2", "value1 value2 addrs:data")                                         \
    X(0x123, "tamper_trigger", "value")                                                            \
    X(0x125, "set_ipi_access", "value mask")                                                       \
    X(0x201, "pm_get_api_version", "")                                                             \
    X(0x203, "pm_get_device_status", "node_id")                                                    \
    X(0x204, "pm_get_op_characteristic", "words:data")                                             \
    X(0x205, "pm_register_notifier", "node_id mask arg1 arg2")                                     \
    X(0x206, "pm_request_suspend", "node_id ack latency state")                                    \
    X(0x207, "pm_self_suspend", "node_id latency state addr:addr64lo")                             \
    X(0x208, "pm_force_powerdown", "node_id ack")                                                  \
    X(0x209, "pm_abort_suspend", "reason node_id")                                                 \
    X(0x20a, "pm_request_wakeup", "node_id addr:addr64lo ack")                                     \
    X(0x20b, "pm_set_wakeup_source", "target source enable")                                       \
    X(0x20c, "pm_system_shutdown", "type subtype")                                                 \
    X(0x20d, "pm_request_device", "node_id capabilities qos ack")                                  \
    X(0x20e, "pm_release_device", "node_id")                                                       \
    X(0x20f, "pm_set_requirement", "node_id capabilities qos ack")                                 \
    X(0x210, "pm_set_max_latency", "node_id latency")                                              \
    X(0x211, "pm_reset_assert", "node_id action")                                                  \
    X(0x212, "pm_reset_get_status", "node_id")                                                     \
    X(0x21c, "pm_pinctrl_request", "pin_id")                                                       \
    X(0x21d, "pm_pinctrl_release", "pin_id")                                                       \
    X(0x21e, "pm_pinctrl_get_function", "pin_id")                                                  \
    X(0x21f, "pm_pinctrl_set_function", "pin_id function_id")                                      \
    X(0x220, "pm_pinctrl_config_param_get", "pin_id param")                                        \
    X(0x221, "pm_pinctrl_config_param_set", "pin_id param value")                                  \
    X(0x222, "pm_ioctl", "node_id ioctl_id words:data")                                            \
    X(0x223, "pm_query_data", "id words:data")                                                     \
    X(0x224, "pm_clock_enable", "node_id")                                                         \
    X(0x225, "pm_clock_disable", "node_id")                                                        \
    X(0x226, "pm_clock_get_state", "node_id")                                                      \
    X(0x227, "pm_clock_set_divider", "node_id divider")                                            \
    X(0x228, "pm_clock_get_divider", "node_id")                                                    \
    X(0x229, "pm_clock_set_rate", "node_id rate")                                                  \
    X(0x22a, "pm_clock_get_rate", "node_id")                                                       \
    X(0x22b, "pm_clock_set_parent", "node_id parent_id")                                           \
    X(0x22c, "pm_clock_get_parent", "node_id")                                                     \
    X(0x230, "pm_pll_set_parameter", "node_id param value")                                        \
    X(0x231, "pm_pll_get_parameter", "node_id param")                                              \
    X(0x232, "pm_pll_set_mode", "node_id mode")                                                    \
    X(0x233, "pm_pll_get_mode", "node_id")                                                         \
    X(0x236, "pm_add_subsystem", "subsystem_id")                                                   \
    X(0x237, "pm_destroy_subsystem", "subsystem_id")                                               \
    X(0x238, "pm_describe_nodes", "words:data")                                                    \
    X(0x239, "pm_add_node", "node_id words:data")                                                  \
    X(0x23a, "pm_add_node_parent", "node_id parent words:data")                                    \
    X(0x23b, "pm_add_node_name", "node_id name:text")                                              \
    X(0x23c, "pm_add_requirement", "subsystem_id node_id flags words:data")                        \
    X(0x23d, "pm_set_current_subsystem", "subsystem_id")                                           \
    X(0x23e, "pm_init_node", "node_id function words:data")                                        \
    X(0x23f, "pm_feature_check", "id")                                                             \
    X(0x240, "pm_iso_control", "node_id value")                                                    \
    X(0x241, "pm_activate_subsystem", "subsystem_id")                                              \
    X(0x242, "pm_set_node_access", "node_id words:data")                                           \
    X(0x243, "pm_bisr", "tag_id")                                                                  \
    X(0x244, "pm_apply_trim", "trim_type")                                                         \
    X(0x245, "pm_noc_clock_enable", "node_id words:data")                                          \
    X(0x246, "pm_if_noc_clock_enable", "index state break_level?")                                 \
    X(0x247, "pm_force_hc", "node_id")                                                             \
    X(0x300, "sem_npi_table", "node_id flags words:data")                                          \
    X(0x301, "npi_seq", "addr:addr flags")                                                         \
    X(0x302, "npi_precfg", "addr:addr flags")                                                      \
    X(0x303, "npi_write", "addr:addr flags words:data")                                            \
    X(0x304, "npi_shutdown", "addr:addr flags")                                                    \
    X(0x401, "cfu_set_crc32", "flags crc?")                                                        \
    X(0x402, "cfu_decompress", "flags")                                                            \
    X(0x403, "cfu_cram_rw", "value")                                                               \
    X(0x404, "cfu_seu_go", "flags")                                                                \
    X(0x405, "cfu_crc8_dis", "flags")                                                              \
    X(0x406, "cfu_ssi_per_slr_pr", "flags")                                                        \
    X(0x407, "cfu_gsr_gsc", "flags")                                                               \
    X(0x408, "cfu_gcap_clk_en", "flags")                                                           \
    X(0x409, "cfu_cfi_type", "value")                                                              \
    X(0x704, "ldr_set_image_info", "node_id unique_id parent_unique_id function_id")               \
    X(0x70c, "cframe_clear_check", "block_type")                                                   \
    X(0x801, "em_set_action", "node_id action mask")                                               \
    X(0xffffffff, "end", "")

/* Version 1: X(id, name, arguments). Here a header word is the id alone, so the table also tells
 * how long a command is. In dma_write, n_words words follow n_skipped others.
 * src: Xilinx/bootgen: cdo-binary.c, CMD1_*, decode_v1 [code] */
#define CDO_V1_COMMANDS(X)                                                                         \
    X(0x101, "mask_poll", "addr:addr mask value milliseconds")                                     \
    X(0x102, "mask_write", "addr:addr mask value")                                                 \
    X(0x103, "write", "addr:addr value")                                                           \
    X(0x104, "delay", "milliseconds")                                                              \
    X(0x105, "dma_write", "addr:addr n_words n_skipped words:data")                                \
    X(0x106, "mask_poll64", "addr:addr64 mask value milliseconds")                                 \
    X(0x107, "mask_write64", "addr:addr64 mask value")                                             \
    X(0x108, "write64", "addr:addr64 value")                                                       \
    X(0x109, "dma_xfer", "src:addr64 dst:addr64 n_words flags words:data")                         \
    X(0x201, "npi_seq", "addr:addr flags")                                                         \
    X(0x202, "npi_precfg", "addr:addr flags")                                                      \
    X(0x203, "npi_write", "addr:addr flags n_words words:data")                                    \
    X(0x204, "npi_shutdown", "addr:addr flags")                                                    \
    X(0x301, "cfu_set_crc32", "flags crc?")                                                        \
    X(0x302, "cfu_decompress", "flags")                                                            \
    X(0x303, "cfu_cram_rw", "value")                                                               \
    X(0x304, "cfu_seu_go", "flags")                                                                \
    X(0x305, "cfu_crc8_dis", "flags")                                                              \
    X(0x306, "cfu_ssi_per_slr_pr", "flags")                                                        \
    X(0x307, "cfu_gsr_gsc", "flags")                                                               \
    X(0x308, "cfu_gcap_clk_en", "flags")                                                           \
    X(0x309, "cframe_read", "flags dst:addr64 n_words words:data")                                 \
    X(0xffffffff, "end", "")
/* clang-format on */
