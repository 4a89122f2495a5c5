/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The rows: how each operation is written, its attributes and results.
 *
 * src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEOps.td, AIEAttrs.td,
 * include/aie/Dialect/AIEX/IR/AIEX.td, assemblyFormat and arguments of each operation [code]
 * src: Xilinx/mlir-aie: test, for scf, cf, arith, memref, func, affine and vector as aie-opt reads
 * and prints them [observed]
 */
#include "forms.h"

#include <string.h>

/* clang-format off */
#define BINARY     "%lhs , %rhs dict : t(*)"
#define OVERFLOWS  "%lhs , %rhs ?( overflow . $overflowFlags )? dict : t(*)", "overflowFlags:flags?"
#define EXACT      "%lhs , %rhs u(exact) dict : t(*)", "exact:unit?"
#define FAST       "%lhs , %rhs ?( fastmath . $fastmath )? dict : t(*)", "fastmath:flags?"
#define CAST       "%in dict : t(%in) to t(>)"
#define FAST_CAST  "%in ?( fastmath . $fastmath )? dict : t(%in) to t(>)", "fastmath:flags?"
#define IN_DEVICE  {TS_OP_AIE_DEVICE}
#define IN_SEQUENCE {TS_OP_AIE_RUNTIME_SEQUENCE, TS_OP_AIEX_CONFIGURE}
#define TILE_OF(region_flags) "( %tile ) region dict", "", "index", (region_flags)
#define PLACE      "buffer:sym? column:i32? row:i32?"

const design_form design_forms[TS_OP_N_CODES] = {
    [TS_OP_MODULE] = {"!module", "sym_name:name? sym_visibility:str?", "", FORM_ISOLATED | FORM_FLAT, {0}},
    [TS_OP_CAST] = {"?( %inputs* : t(%inputs) )? to t(>*) dict", "", ">", 0, {0}},

    [TS_OP_AIE_DEVICE] = {"( $device ) ?( $sym_name )? region dict", "device:device sym_name:name=main", "", FORM_ISOLATED | FORM_END, {TS_OP_MODULE}},
    [TS_OP_AIE_TILE] = {"( $col , $row ) dict", "col:i32 row:i32 allocation_scheme:str?", "index", 0, {0}},
    [TS_OP_AIE_LOGICAL_TILE] = {"< $tile_type > . !place dict", "tile_type:tile col:i32? row:i32? allocation_scheme:str?", "index", 0, {0}},
    [TS_OP_AIE_CORE] = {"( %tile ) region dict", "stack_size:i32=1024 link_with:str? link_files:array? elf_file:str? dynamic_objfifo_lowering:bool?", "index", 0, {0}},
    [TS_OP_AIE_MEM] = {TILE_OF(0), {0}},
    [TS_OP_AIE_MEMTILE_DMA] = {TILE_OF(0), {0}},
    [TS_OP_AIE_SHIM_DMA] = {TILE_OF(0), {0}},
    [TS_OP_AIE_DMA] = {"( $channel_dir , $channel_index ) dict _ [ regions ]", "channel_dir:dir channel_index:i32 loop:bool=true repeat_count:i32=0 sym_name:str?", "i1", FORM_FLAT, {TS_OP_AIE_MEM, TS_OP_AIE_MEMTILE_DMA, TS_OP_AIE_SHIM_DMA}},
    [TS_OP_AIE_DMA_START] = {"( $channel_dir , $channel_index , ^ , ^ ?( , repeat_count = $repeat_count )? ) dict", "channel_dir:dir channel_index:i32 repeat_count:i32=0", "i1", FORM_TERMINATOR, {0}},
    [TS_OP_AIE_DMA_BD] = {"( %buffer : t(%buffer) ?+( , $offset )? ?( , $len )? ?( , $dimensions )? ?( , $pad_dimensions )? ?( , pad_value = $pad_value )? ) dict", "offset:i32=0 len:i32? dimensions:dims? pad_dimensions:pads? pad_value:i32=0 bd_id:i32? packet:packet? burst_length:i32=0 next_bd_id:i32?", "", 0, {0}},
    [TS_OP_AIE_DMA_BD_PACKET] = {"( $packet_type , $packet_id ) dict", "packet_type:i32 packet_id:i32", "", 0, {0}},
    [TS_OP_AIE_NEXT_BD] = {"^ dict", "", "", FORM_TERMINATOR, {0}},
    [TS_OP_AIE_END] = {"dict", "", "", FORM_TERMINATOR, {0}},
    [TS_OP_AIE_LOCK] = {"( %tile ?( , $lockID )? ) dict", "lockID:i32? init:i32? sym_name:str?", "index", 0, {0}},
    [TS_OP_AIE_USE_LOCK] = {"( %lock , $action ?( , $value )? ?( , $blocking )? ) dict", "action:action value:i32? blocking:blocking? acq_en:bool=true", "", 0, {0}},
    [TS_OP_AIE_BUFFER] = {"( %tile ) dict : t(>) !initial", "sym_name:str? address:i32? initial_value:dense? mem_bank:i32?", ">", 0, {0}},
    [TS_OP_AIE_EXTERNAL_BUFFER] = {"dict : t(>)", "sym_name:str? address:i64?", ">", 0, {0}},
    [TS_OP_AIE_FLOW] = {"( %source , $source_bundle : $source_channel , %dest , $dest_bundle : $dest_channel ) dict", "source_bundle:bundle source_channel:i32 dest_bundle:bundle dest_channel:i32", "", 0, {0}},
    [TS_OP_AIE_PACKET_FLOW] = {"( $ID ) region dict", "ID:i8 keep_pkt_header:bool? priority_route:bool?", "", FORM_END, {0}},
    [TS_OP_AIE_PACKET_SOURCE] = {"< %tile , $bundle : $channel > dict", "bundle:bundle channel:i32", "", 0, {TS_OP_AIE_PACKET_FLOW}},
    [TS_OP_AIE_PACKET_DEST] = {"< %tile , $bundle : $channel > dict", "bundle:bundle channel:i32", "", 0, {TS_OP_AIE_PACKET_FLOW}},
    [TS_OP_AIE_CASCADE_FLOW] = {"( %source_tile , %dest_tile ) dict", "", "", 0, {0}},
    [TS_OP_AIE_CONFIGURE_CASCADE] = {"( %tile , $inputDir , $outputDir ) dict", "inputDir:bundle outputDir:bundle", "", 0, IN_DEVICE},
    [TS_OP_AIE_SWITCHBOX] = {TILE_OF(FORM_END), {0}},
    [TS_OP_AIE_SHIM_MUX] = {TILE_OF(FORM_END), {0}},
    [TS_OP_AIE_CONNECT] = {"< $source_bundle : $source_channel , $dest_bundle : $dest_channel > dict", "source_bundle:bundle source_channel:i32 dest_bundle:bundle dest_channel:i32", "", 0, {TS_OP_AIE_SWITCHBOX, TS_OP_AIE_SHIM_MUX}},
    [TS_OP_AIE_AMSEL] = {"< $arbiterID > ( $msel ) dict", "arbiterID:i8 msel:i8", "index", 0, {TS_OP_AIE_SWITCHBOX}},
    [TS_OP_AIE_MASTERSET] = {"( $dest_bundle : $dest_channel , %amsels* ) dict", "dest_bundle:bundle dest_channel:i32 keep_pkt_header:bool?", "index", 0, {TS_OP_AIE_SWITCHBOX}},
    [TS_OP_AIE_PACKET_RULES] = {"( $source_bundle : $source_channel ) region dict", "source_bundle:bundle source_channel:i32", "", FORM_END, {0}},
    [TS_OP_AIE_RULE] = {"( $mask , $value , %amsel ) dict", "mask:i8 value:i8", "", 0, {TS_OP_AIE_PACKET_RULES}},
    [TS_OP_AIE_WIRE] = {"( %source : $source_bundle , %dest : $dest_bundle ) dict", "source_bundle:bundle dest_bundle:bundle", "", 0, {0}},
    [TS_OP_AIE_SHIM_DMA_ALLOCATION] = {"$sym_name ( !allocation ?( , $packet )? ) dict", "sym_name:name channel_dir:dir channel_index:i64 col:i64? plio:bool=false packet:packet?", "", 0, IN_DEVICE},
    [TS_OP_AIE_OBJECTFIFO] = {"$sym_name ( !producer , { !consumers } , $elemNumber ) dict : $elemType !initials", "sym_name:name elemNumber:depth elemType:type dimensionsToStream:dims dimensionsFromStreamPerConsumer:dimss via_DMA:bool=false plio:bool=false disable_synchronization:bool=false repeat_count:i32? aie_stream:i32? aie_stream_port:i32? initValues:denses? padDimensions:pads? iter_count:i32?", "", 0, IN_DEVICE},
    [TS_OP_AIE_OBJECTFIFO_ALLOCATE] = {"$objFifo_name ( %delegateTile ) dict", "objFifo_name:sym", "", 0, IN_DEVICE},
    [TS_OP_AIE_OBJECTFIFO_LINK] = {"$fifoIns -> $fifoOuts ( !offsets ) dict", "fifoIns:symbols fifoOuts:symbols src_offsets:array dst_offsets:array", "", 0, IN_DEVICE},
    [TS_OP_AIE_OBJECTFIFO_ACQUIRE] = {"dict $objFifo_name ( $port , $size ) : t(>)", "port:port objFifo_name:sym size:i32", ">", 0, {0}},
    [TS_OP_AIE_OBJECTFIFO_RELEASE] = {"dict $objFifo_name ( $port , $size )", "port:port objFifo_name:sym size:i32", "", 0, {0}},
    [TS_OP_AIE_OBJECTFIFO_SUBVIEW_ACCESS] = {"%subview [ $index ] dict : t(%subview) -> t(>)", "index:i32", ">", 0, {0}},
    [TS_OP_AIE_OBJECTFIFO_REGISTER_EXTERNAL_BUFFERS] = {"dict $objFifo_name ( %tile , { %externalBuffers* } ) : ( t(%externalBuffers) )", "objFifo_name:sym", "", 0, IN_DEVICE},
    [TS_OP_AIE_OBJECTFIFO_REGISTER_PROCESS] = {"dict $objFifo_name ( $port , %acquire : t(%acquire) , %release : t(%release) , $callee , %length )", "port:port objFifo_name:sym callee:sym", "", 0, {0}},
    [TS_OP_AIE_BD_CHAIN] = {"$sym_name . !arguments", "sym_name:name", "", FORM_FLAT, {0}},
    [TS_OP_AIE_GET_STREAM] = {"( %channel : t(%channel) ) dict : t(>)", "", ">", 0, {TS_OP_AIE_CORE}},
    [TS_OP_AIE_PUT_STREAM] = {"( %channel : t(%channel) , %stream_value : t(%stream_value) ) dict", "", "", 0, {TS_OP_AIE_CORE}},
    [TS_OP_AIE_GET_CASCADE] = {"( ) dict : t(>)", "", ">", 0, {0}},
    [TS_OP_AIE_PUT_CASCADE] = {"( %cascade_value : t(%cascade_value) ) dict", "", "", 0, {0}},
    [TS_OP_AIE_EVENT] = {"( $val ) dict", "val:i32", "", 0, {0}},
    [TS_OP_AIE_RUNTIME_SEQUENCE] = {"?( $sym_name )? . !arguments", "sym_name:name=sequence", "", FORM_FLAT, IN_DEVICE},

    [TS_OP_AIEX_NPU_DMA_MEMCPY_ND] = {"( !column_row %memref . [%offsets] . [%sizes] . [%strides] ?( , packet = $packet )? ) dict : t(%memref)", "static_offsets:ints static_sizes:ints static_strides:ints packet:packet? metadata:sym id:i64 issue_token:bool=false d0_zero_before:i64=0 d1_zero_before:i64=0 d2_zero_before:i64=0 d0_zero_after:i64=0 d1_zero_after:i64=0 d2_zero_after:i64=0 burst_length:i64=0 x:i64? y:i64?", "", FORM_SEGMENTS, {0}},
    [TS_OP_AIEX_NPU_DMA_WAIT] = {"dict", "symbol:sym", "", 0, {0}},
    [TS_OP_AIEX_NPU_SYNC] = {"dict", "column:i32 row:i32 direction:i32 channel:i32 column_num:i32 row_num:i32", "", 0, {0}},
    [TS_OP_AIEX_NPU_WRITE32] = {"dict", "address:ui32 value:ui32 " PLACE, "", 0, {0}},
    [TS_OP_AIEX_NPU_MASKWRITE32] = {"dict", "address:ui32 value:ui32 mask:ui32 " PLACE, "", 0, {0}},
    [TS_OP_AIEX_NPU_BLOCKWRITE] = {"( %data ) dict : t(%data)", "address:ui32 " PLACE, "", 0, {0}},
    [TS_OP_AIEX_NPU_ADDRESS_PATCH] = {"dict", "addr:ui32 arg_idx:i32 arg_plus:i32", "", 0, {0}},
    [TS_OP_AIEX_NPU_RTP_WRITE] = {"( $buffer , $index , $value ) dict", "buffer:sym index:ui32 value:i32", "", 0, {0}},
    [TS_OP_AIEX_NPU_WRITEBD] = {"dict", "column:i32 bd_id:i32 buffer_length:i32 buffer_offset:i32 enable_packet:i32 out_of_order_id:i32 packet_id:i32 packet_type:i32 d0_size:i32 d0_stride:i32 d1_size:i32 d1_stride:i32 d2_size:i32 d2_stride:i32 iteration_current:i32 iteration_size:i32 iteration_stride:i32 next_bd:i32 row:i32 use_next_bd:i32 valid_bd:i32 lock_rel_val:i32 lock_rel_id:i32 lock_acq_enable:i32 lock_acq_val:i32 lock_acq_id:i32 d0_zero_before:i32 d1_zero_before:i32 d2_zero_before:i32 d0_zero_after:i32 d1_zero_after:i32 d2_zero_after:i32 burst_length:i32=0", "", 0, {0}},
    [TS_OP_AIEX_NPU_PUSH_QUEUE] = {"( $column , $row , $direction : $channel ) dict", "column:i32 row:i32 direction:dir channel:i32 issue_token:bool repeat_count:i32 bd_id:i32", "", 0, {0}},
    [TS_OP_AIEX_NPU_LOAD_PDI] = {"dict", "device_ref:sym? id:i32=0 size:i32=0 address:ui64=0", "", 0, {0}},
    [TS_OP_AIEX_NPU_PREEMPT] = {"dict", "level:ui8", "", 0, {0}},
    [TS_OP_AIEX_CONTROL_PACKET] = {"dict", "address:ui32 length:i32? opcode:i32 stream_id:i32 data:ints?", "", 0, {0}},
    [TS_OP_AIEX_SET_LOCK] = {"( %lock , $value ) dict", "value:i32", "", 0, IN_SEQUENCE},
    [TS_OP_AIEX_CONFIGURE] = {"$symbol region dict", "symbol:sym", "", FORM_FLAT, {TS_OP_AIE_RUNTIME_SEQUENCE}},
    [TS_OP_AIEX_RUN] = {"$runtime_sequence_symbol ( %args* ) : ( t(%args) ) dict", "runtime_sequence_symbol:sym", "", 0, {TS_OP_AIEX_CONFIGURE}},
    [TS_OP_AIEX_DMA_CONFIGURE_TASK] = {"( %tile , $direction , $channel ?( , $packet )? ) region dict", "direction:dir channel:i32 issue_token:bool=false repeat_count:i32=0 packet:packet?", "index", 0, IN_SEQUENCE},
    [TS_OP_AIEX_DMA_CONFIGURE_TASK_FOR] = {"$alloc region dict", "alloc:sym issue_token:bool=false repeat_count:i32=0", "index", 0, IN_SEQUENCE},
    [TS_OP_AIEX_DMA_START_BD_CHAIN] = {"$symbol ( %args* ) : ( t(%args) ) _ on _ ( %tile , $direction , $channel ) dict", "symbol:sym direction:dir channel:i32 issue_token:bool=false repeat_count:i32=0", "index", 0, IN_SEQUENCE},
    [TS_OP_AIEX_DMA_START_BD_CHAIN_FOR] = {"$symbol ( %args* ) : ( t(%args) ) _ for _ $alloc dict", "symbol:sym alloc:sym issue_token:bool=false repeat_count:i32=0", "index", 0, IN_SEQUENCE},
    [TS_OP_AIEX_DMA_START_TASK] = {"( %task ) dict", "", "", 0, IN_SEQUENCE},
    [TS_OP_AIEX_DMA_AWAIT_TASK] = {"( %task ) dict", "", "", 0, IN_SEQUENCE},
    [TS_OP_AIEX_DMA_FREE_TASK] = {"( %task ) dict", "", "", 0, IN_SEQUENCE},

    [TS_OP_FUNC_FUNC] = {"!func", "sym_name:name function_type:type sym_visibility:str? arg_attrs:array? res_attrs:array? link_with:str?", "", FORM_ISOLATED | FORM_FUNC, {0}},
    [TS_OP_FUNC_CALL] = {"$callee ( %operands* ) dict : !signature", "callee:sym", ">", 0, {0}},
    [TS_OP_FUNC_RETURN] = {"dict ?( %operands* : t(%operands) )?", "", "", FORM_TERMINATOR, {TS_OP_FUNC_FUNC}},
    [TS_OP_SCF_FOR] = {"!for", "", ">", FORM_YIELD, {0}},
    [TS_OP_SCF_IF] = {"!if", "", ">", FORM_YIELD, {0}},
    [TS_OP_SCF_WHILE] = {"!while", "", ">", 0, {0}},
    [TS_OP_SCF_CONDITION] = {"( %condition ) b(%condition) dict ?( %args* : t(%args) )?", "", "", FORM_TERMINATOR, {TS_OP_SCF_WHILE}},
    [TS_OP_SCF_YIELD] = {"dict ?( %results* : t(%results) )?", "", "", FORM_TERMINATOR, {0}},
    [TS_OP_SCF_INDEX_SWITCH] = {"!switch", "cases:ints", ">", FORM_YIELD, {0}},
    [TS_OP_SCF_EXECUTE_REGION] = {"!execute", "no_inline:unit?", ">", 0, {0}},
    [TS_OP_CF_BR] = {"^* dict", "", "", FORM_TERMINATOR, {0}},
    [TS_OP_CF_COND_BR] = {"%condition b(%condition) , ^* , ^* dict", "branch_weights:any?", "", FORM_TERMINATOR | FORM_SEGMENTS, {0}},
    [TS_OP_CF_ASSERT] = {"%arg b(%arg) , $msg dict", "msg:str", "", 0, {0}},
    [TS_OP_AFFINE_FOR] = {"!affine_for", "lowerBoundMap:any upperBoundMap:any step:any", ">", FORM_YIELD, {0}},
    [TS_OP_AFFINE_IF] = {"!affine_if", "condition:any", ">", FORM_YIELD, {0}},
    [TS_OP_AFFINE_LOAD] = {"!affine_load", "map:any", ">", 0, {0}},
    [TS_OP_AFFINE_STORE] = {"!affine_store", "map:any", "", 0, {0}},
    [TS_OP_AFFINE_APPLY] = {"!affine_apply", "map:any", "index", 0, {0}},
    [TS_OP_AFFINE_MIN] = {"!affine_apply", "map:any", "index", 0, {0}},
    [TS_OP_AFFINE_MAX] = {"!affine_apply", "map:any", "index", 0, {0}},
    [TS_OP_AFFINE_YIELD] = {"dict ?( %operands* : t(%operands) )?", "", "", FORM_TERMINATOR, {0}},

    [TS_OP_ARITH_CONSTANT] = {"dict $value", "value:any", "$", 0, {0}},
    [TS_OP_ARITH_ADDI] = {OVERFLOWS, "*", 0, {0}},
    [TS_OP_ARITH_SUBI] = {OVERFLOWS, "*", 0, {0}},
    [TS_OP_ARITH_MULI] = {OVERFLOWS, "*", 0, {0}},
    [TS_OP_ARITH_DIVSI] = {EXACT, "*", 0, {0}},
    [TS_OP_ARITH_DIVUI] = {EXACT, "*", 0, {0}},
    [TS_OP_ARITH_CEILDIVSI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_CEILDIVUI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_FLOORDIVSI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_REMSI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_REMUI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_ANDI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_ORI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_XORI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_SHLI] = {OVERFLOWS, "*", 0, {0}},
    [TS_OP_ARITH_SHRSI] = {EXACT, "*", 0, {0}},
    [TS_OP_ARITH_SHRUI] = {EXACT, "*", 0, {0}},
    [TS_OP_ARITH_MAXSI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_MAXUI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_MINSI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_MINUI] = {BINARY, "", "*", 0, {0}},
    [TS_OP_ARITH_CMPI] = {"$predicate , %lhs , %rhs dict : t(%lhs) s(%rhs,%lhs)", "predicate:cmpi", "b0", 0, {0}},
    [TS_OP_ARITH_SELECT] = {"%condition , %true_value , %false_value dict : !select", "", ">", 0, {0}},
    [TS_OP_ARITH_EXTSI] = {CAST, "", ">", 0, {0}},
    [TS_OP_ARITH_EXTUI] = {"%in u(nneg) dict : t(%in) to t(>)", "nneg:unit?", ">", 0, {0}},
    [TS_OP_ARITH_TRUNCI] = {"%in ?( overflow . $overflowFlags )? dict : t(%in) to t(>)", "overflowFlags:flags?", ">", 0, {0}},
    [TS_OP_ARITH_INDEX_CAST] = {CAST, "", ">", 0, {0}},
    [TS_OP_ARITH_INDEX_CASTUI] = {"%in u(nneg) dict : t(%in) to t(>)", "nneg:unit?", ">", 0, {0}},
    [TS_OP_ARITH_BITCAST] = {CAST, "", ">", 0, {0}},
    [TS_OP_ARITH_ADDF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_SUBF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_MULF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_DIVF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_NEGF] = {"%operand ?( fastmath . $fastmath )? dict : t(*)", "fastmath:flags?", "*", 0, {0}},
    [TS_OP_ARITH_MAXIMUMF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_MINIMUMF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_MAXNUMF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_MINNUMF] = {FAST, "*", 0, {0}},
    [TS_OP_ARITH_CMPF] = {"$predicate , %lhs , %rhs ?( fastmath . $fastmath )? dict : t(%lhs) s(%rhs,%lhs)", "predicate:cmpf fastmath:flags?", "b0", 0, {0}},
    [TS_OP_ARITH_EXTF] = {FAST_CAST, ">", 0, {0}},
    [TS_OP_ARITH_TRUNCF] = {FAST_CAST, ">", 0, {0}},
    [TS_OP_ARITH_SITOFP] = {CAST, "", ">", 0, {0}},
    [TS_OP_ARITH_UITOFP] = {"%in u(nneg) dict : t(%in) to t(>)", "nneg:unit?", ">", 0, {0}},
    [TS_OP_ARITH_FPTOSI] = {CAST, "", ">", 0, {0}},
    [TS_OP_ARITH_FPTOUI] = {CAST, "", ">", 0, {0}},

    [TS_OP_MEMREF_ALLOC] = {"( %dynamicSizes* ) ?( . [ %symbolOperands* ] )? dict : t(>)", "alignment:i64?", ">", FORM_SEGMENTS, {0}},
    [TS_OP_MEMREF_ALLOCA] = {"( %dynamicSizes* ) ?( . [ %symbolOperands* ] )? dict : t(>)", "alignment:i64?", ">", FORM_SEGMENTS, {0}},
    [TS_OP_MEMREF_DEALLOC] = {"%memref dict : t(%memref)", "", "", 0, {0}},
    [TS_OP_MEMREF_DIM] = {"%source , %index dict : t(%source)", "", "index", 0, {0}},
    [TS_OP_MEMREF_LOAD] = {"%memref [ %indices* ] dict : t(%memref)", "nontemporal:bool=false alignment:i64?", "e0", 0, {0}},
    [TS_OP_MEMREF_STORE] = {"%value , %memref [ %indices* ] dict : t(%memref) e(%value,%memref)", "nontemporal:bool=false alignment:i64?", "", 0, {0}},
    [TS_OP_MEMREF_COPY] = {"%source , %target dict : t(%source) to t(%target)", "", "", 0, {0}},
    [TS_OP_MEMREF_CAST] = {"%source dict : t(%source) to t(>)", "", ">", 0, {0}},
    [TS_OP_MEMREF_SUBVIEW] = {"%source . [%offsets] [%sizes] [%strides] dict : t(%source) to t(>)", "static_offsets:ints static_sizes:ints static_strides:ints", ">", FORM_SEGMENTS, {0}},
    [TS_OP_MEMREF_REINTERPRET_CAST] = {"%source to offset . : [%offsets] . , sizes . : [%sizes] . , strides . : [%strides] dict : t(%source) to t(>)", "static_offsets:ints static_sizes:ints static_strides:ints", ">", FORM_SEGMENTS, {0}},
    [TS_OP_MEMREF_COLLAPSE_SHAPE] = {"%src $reassociation dict : t(%src) into t(>)", "reassociation:array", ">", 0, {0}},
    [TS_OP_MEMREF_EXPAND_SHAPE] = {"%src $reassociation ?( output_shape [%output_shape] )? dict : t(%src) into t(>)", "reassociation:array static_output_shape:ints?", ">", 0, {0}},
    [TS_OP_MEMREF_GLOBAL] = {"?( $sym_visibility )? u(constant) $sym_name : $type !global dict", "sym_name:name sym_visibility:str? type:type initial_value:any? constant:unit? alignment:i64?", "", 0, {0}},
    [TS_OP_MEMREF_GET_GLOBAL] = {"$name : t(>) dict", "name:sym", ">", 0, {0}},
    [TS_OP_MEMREF_ASSUME_ALIGNMENT] = {"%memref , $alignment dict : t(%memref)", "alignment:i32", "=0", FORM_NAMED, {0}},
    [TS_OP_VECTOR_TRANSFER_READ] = {"%source [ %indices* ] , %padding ?( , %mask? )? dict : t(%source) , t(>) e(%padding,%source) x(%mask)", "permutation_map:any? in_bounds:array?", ">", FORM_SEGMENTS, {0}},
    [TS_OP_VECTOR_TRANSFER_WRITE] = {"%valueToStore , %base [ %indices* ] ?( , %mask? )? dict : t(%valueToStore) , t(%base) x(%mask)", "permutation_map:any? in_bounds:array?", "", FORM_SEGMENTS, {0}},
    [TS_OP_VECTOR_LOAD] = {"%base [ %indices* ] dict : t(%base) , t(>)", "nontemporal:bool=false alignment:i64?", ">", 0, {0}},
    [TS_OP_VECTOR_STORE] = {"%valueToStore , %base [ %indices* ] dict : t(%base) , t(%valueToStore)", "nontemporal:bool=false alignment:i64?", "", 0, {0}},
    [TS_OP_VECTOR_SPLAT] = {"%input dict : t(>) x(%input)", "", ">", 0, {0}},
    [TS_OP_VECTOR_BITCAST] = {"%source dict : t(%source) to t(>)", "", ">", 0, {0}},
    [TS_OP_VECTOR_BROADCAST] = {"%source dict : t(%source) to t(>)", "", ">", 0, {0}},
};

/* src: Xilinx/mlir-aie: include/aie/Dialect/AIE/IR/AIEAttrs.td [code]. npu1_4col was renamed to
 * npu1; as a name of its own it gets a number behind all others. */
static const char *const bundles[] = {"Core", "DMA", "FIFO", "South", "West", "North", "East", "PLIO", "NOC", "Trace", "TileControl"};
static const char *const actions[] = {"Acquire", "Release", "AcquireGreaterEqual"};
static const char *const blockings[] = {"NonBlocking", "Blocking"};
static const char *const ports[] = {"Produce", "Consume"};
static const char *const directions[] = {"S2MM", "MM2S"};
static const char *const tiles[] = {"CoreTile", "MemTile", "ShimNOCTile", "ShimPLTile"};
static const char *const devices[] = {
    NULL, "xcvc1902", "xcve2302", "xcve2802", "npu1", "npu1_1col", "npu1_2col", "npu1_3col", "npu2",
    "npu2_1col", "npu2_2col", "npu2_3col", "npu2_4col", "npu2_5col", "npu2_6col", "npu2_7col", "npu1_4col"};
/* src: llvm-project: mlir/include/mlir/Dialect/Arith/IR/ArithBase.td, CmpIPredicate, CmpFPredicate
 * [inferred]: the order in which the documentation of the dialect lists them */
static const char *const cmpi[] = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"};
static const char *const cmpf[] = {"false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true"};

#define WORDS(list) (list), (uint32_t)(sizeof(list) / sizeof(list)[0])
static const design_enum enums[] = {
    {"bundle", 32, WORDS(bundles)}, {"action", 32, WORDS(actions)},   {"blocking", 32, WORDS(blockings)},
    {"port", 32, WORDS(ports)},     {"dir", 32, WORDS(directions)},   {"tile", 32, WORDS(tiles)},
    {"device", 32, WORDS(devices)}, {"cmpi", 64, WORDS(cmpi)},        {"cmpf", 64, WORDS(cmpf)},
};

static const struct {
    const char *name;
    design_kind kind;
} kinds[] = {
    {"i8", KIND_I8}, {"i16", KIND_I16}, {"i32", KIND_I32}, {"i64", KIND_I64}, {"ui8", KIND_UI8}, {"ui32", KIND_UI32}, {"ui64", KIND_UI64},
    {"bool", KIND_BOOL}, {"str", KIND_STRING}, {"name", KIND_NAME}, {"sym", KIND_SYMBOL}, {"symbols", KIND_SYMBOLS}, {"array", KIND_ARRAY},
    {"dense", KIND_DENSE}, {"denses", KIND_DENSES}, {"ints", KIND_INTS}, {"type", KIND_TYPE}, {"unit", KIND_UNIT}, {"packet", KIND_PACKET},
    {"dims", KIND_DIMS}, {"dimss", KIND_DIMSS}, {"pads", KIND_PADS}, {"depth", KIND_DEPTH}, {"flags", KIND_FLAGS}, {"any", KIND_ANY},
};
/* clang-format on */

static bool text_is(const char *text, size_t length, const char *name) {
    return strncmp(text, name, length) == 0 && name[length] == '\0';
}

static void find_kind(const char *text, size_t length, design_attr_spec *out) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (*text == *kinds[i].name && text_is(text, length, kinds[i].name)) {
            out->kind = kinds[i].kind;
            return;
        }
    out->kind = KIND_ENUM;
    for (size_t i = 0; i < sizeof enums / sizeof enums[0]; i++)
        if (text_is(text, length, enums[i].name)) out->words = &enums[i];
}

/* Behind the name and its colon. */
static const char *read_spec(const char *p, design_attr_spec *out) {
    size_t length = strcspn(p, " ?=");
    find_kind(p, length, out);
    p += length;
    out->is_optional = *p == '?' || *p == '=';
    out->has_default = *p == '=';
    if (out->has_default) out->text = p + 1;
    return p + strcspn(p, " ");
}

bool design_next_spec(const char *attrs, const char **at, design_attr_spec *out) {
    const char *p = *at ? *at : attrs;
    while (*p == ' ')
        p++;
    if (!*p) return false;
    *out = (design_attr_spec){.name = p, .length = (uint32_t)strcspn(p, ":")};
    *at = read_spec(p + out->length + 1, out);
    return true;
}

bool design_find_spec(const char *attrs, const char *name, size_t length, design_attr_spec *out) {
    for (const char *p = attrs; *p; p += strspn(p, " ")) {
        if (strncmp(p, name, length) == 0 && p[length] == ':') {
            *out = (design_attr_spec){.name = p, .length = (uint32_t)length};
            read_spec(p + length + 1, out);
            return true;
        }
        p += strcspn(p, " ");
    }
    return false;
}

static int64_t default_number(const design_attr_spec *spec) {
    int64_t value = 0;
    if (*spec->text == 't') return 1;
    for (const char *p = spec->text; *p >= '0' && *p <= '9'; p++)
        value = value * 10 + (*p - '0');
    return value;
}

bool design_is_default(const design_attr_spec *spec, const ts_attr *attr) {
    if (spec->kind == KIND_FLAGS)
        return attr->kind == TS_ATTR_DIALECT && attr->data.size == 6 &&
               memcmp(attr->data.data, "<none>", 6) == 0;
    if (!spec->has_default) return false;
    if (spec->kind == KIND_NAME)
        return attr->kind == TS_ATTR_STRING &&
               text_is(spec->text, strcspn(spec->text, " "), attr->text);
    return attr->kind == TS_ATTR_INTEGER && attr->integer == default_number(spec);
}

const char *design_enum_name(const design_enum *words, int64_t value) {
    return value >= 0 && value < words->n_names ? words->names[value] : NULL;
}
