// Defined (by `--use STEP=1`) in the step build only, and only ever asked for as isDefined(STEP).
declare const STEP: i32;
