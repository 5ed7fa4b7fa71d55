/** Names of what lines can be written in, apart from the code that reads them. */

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'latin1'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const CONTAINER_FORMATS = ['auto', 'cri', 'docker', 'none'] as const;
export type ContainerFormat = (typeof CONTAINER_FORMATS)[number];
