// All manual pages of the lab, by section and name.

import { BHYVE_PAGES } from './bhyve.ts';
import { EXPLORE_PAGES } from './explore.ts';
import { FILTER_PAGES } from './filters.ts';
import { INTRO_PAGES } from './intro.ts';
import { LAB_PAGES } from './lab.ts';
import { MACHINE_PAGES } from './machine.ts';
import { NETMAP_PAGES } from './netmap.ts';
import { NIC_PAGES } from './nics.ts';
import { NMSH_PAGES } from './nmsh.ts';
import type { Page } from './page.ts';
import { PKT_GEN_PAGES } from './pkt_gen.ts';
import { PTNETMAP_PAGES } from './ptnetmap.ts';
import { SHELL_PAGES } from './shell.ts';
import { STACK_PAGES } from './stack.ts';
import { SYSTEM_PAGES } from './system.ts';
import { VALE_PAGES } from './vale.ts';

export const PAGES: readonly Page[] = [
  ...INTRO_PAGES,
  ...SHELL_PAGES,
  ...FILTER_PAGES,
  ...SYSTEM_PAGES,
  ...MACHINE_PAGES,
  ...STACK_PAGES,
  ...LAB_PAGES,
  ...EXPLORE_PAGES,
  ...NETMAP_PAGES,
  ...VALE_PAGES,
  ...PTNETMAP_PAGES,
  ...NIC_PAGES,
  ...BHYVE_PAGES,
  ...PKT_GEN_PAGES,
  ...NMSH_PAGES,
].sort((a, b) => a.section - b.section || (a.name < b.name ? -1 : 1));
