// Types of headers.mjs.
export declare const ISOLATION: Record<string, string>;
export declare const CLOSED: Record<string, string>;
export declare const HEADERS: Record<string, string>;
export declare const POLICY: string;
export declare function headersFile(): string;
