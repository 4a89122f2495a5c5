/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What `cdo list` and `cdo pack` call registers. Without a register library: nothing.
 */
#include "cli.h"

const ts_cdo_names *cli_cdo_names(void) {
    return NULL;
}
