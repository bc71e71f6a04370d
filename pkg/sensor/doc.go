// Package sensor measures the host that an agent runs on: one small file per
// sensor, and a Set that samples those which the asked metrics need.
//
// It promises that a sensor that fails or hangs never hides or delays the
// others for longer than one deadline, and that a rate is a rate: taken between
// two consecutive samples, over the time that really passed, never negative.
//
// HOST_PROC, HOST_SYS and HOST_ROOT, in the environment or under gopsutil's
// common.EnvKey in the context, say where the host's file systems are mounted
// in a container. The package keeps no history and knows nothing of intervals.
package sensor
