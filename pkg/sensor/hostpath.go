package sensor

import (
	"cmp"
	"context"
	"os"
	"path/filepath"

	"github.com/shirou/gopsutil/v3/common"
)

// hostPath joins elem to the directory that key names, in gopsutil's order:
// the context's map, the environment, the fallback.
func hostPath(ctx context.Context, key common.EnvKeyType, fallback string, elem ...string) string {
	env, _ := ctx.Value(common.EnvKey).(common.EnvMap)
	dir := cmp.Or(env[key], os.Getenv(string(key)), fallback)
	return filepath.Join(append([]string{dir}, elem...)...)
}
