// The constants in wasm/layout.ts are compiled by asc too; there a number has a width.
declare type u32 = number;
