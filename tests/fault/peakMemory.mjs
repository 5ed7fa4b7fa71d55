/** For `node --import`: writes the most memory the process has had in RAM, in bytes, to PEAK_MEMORY_FILE at its end. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  // The system counts in KiB.
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS * 1024));
});
