// A thread of a litmus test: interprets a program of a few instructions through the accessors that
// netmap's own code uses. Mirrors nothing of FreeBSD. Its page (LIT_*) is its own and set up by src/lab/explore/litmus.ts.

import {
  LIT_ADDR, LIT_CODE, LIT_DONE, LIT_FENCE, LIT_INSN, LIT_LD, LIT_MOV, LIT_OP, LIT_ORDER, LIT_PC, LIT_R, LIT_REG, LIT_ST, LIT_ST_REG, LIT_VAL, LIT_WHOLE, LIT_XCHG, TS_DEAD,
  T_STATUS,
} from "../layout";
import { P_LITMUS_FENCE, P_LITMUS_LD, P_LITMUS_ST, P_LITMUS_XCHG } from "../points";
import { curthread, fence, ld, rmw_xchg, sim_st, st, store_order } from "./shared";

/** What is no access, on the way to the next one: constants to registers, and the order of stores. */
function quiet(a: usize, pc: usize): usize {
  let op = load<u32>(pc, LIT_OP);
  for (; op == LIT_MOV || op == LIT_ORDER; op = load<u32>(pc, LIT_OP)) {
    if (op == LIT_ORDER) store_order();
    else store<u32>(a + load<u32>(pc, LIT_R) * 4, load<u32>(pc, LIT_VAL), LIT_REG);
    pc += LIT_INSN;
  }
  return pc;
}

/** One access, or the program; after its last one the thread is dead. What is in its store buffer then still drains. */
export function litmus_body(a: usize): void {
  const whole = load<u32>(a, LIT_WHOLE);
  let pc = quiet(a, a + LIT_CODE + load<u32>(a, LIT_PC) * LIT_INSN);
  do {
    const op = load<u32>(pc, LIT_OP), r: usize = a + LIT_REG + load<u32>(pc, LIT_R) * 4, p: usize = load<u32>(pc, LIT_ADDR);
    if (op == LIT_LD) store<u32>(r, ld(p, P_LITMUS_LD));
    else if (op == LIT_ST || op == LIT_ST_REG) st(p, op == LIT_ST ? load<u32>(pc, LIT_VAL) : load<u32>(r), P_LITMUS_ST);
    else if (op == LIT_FENCE) fence(P_LITMUS_FENCE);
    else if (op == LIT_XCHG) store<u32>(r, rmw_xchg(p, load<u32>(r), P_LITMUS_XCHG));
    if (op != LIT_DONE) pc = quiet(a, pc + LIT_INSN);
    store<u32>(a, ((pc - a - LIT_CODE) as u32) / LIT_INSN, LIT_PC);
  } while (whole && load<u32>(pc, LIT_OP) != LIT_DONE);
  if (load<u32>(pc, LIT_OP) == LIT_DONE) sim_st(curthread() + T_STATUS, TS_DEAD);
}
