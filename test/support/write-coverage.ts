/**
 * Mocha kills a worker that has not ended a second after it was told to, and what it has covered is written as it ends: on
 * a machine that is busy that takes longer. A signal that is listened to interrupts no writing.
 * @see https://github.com/josdejong/workerpool (`workerTerminateTimeout`)
 */
process.on('SIGTERM', () => process.exit());
