package deploy

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// ParseToleration reads KEY[=VALUE][:EFFECT], as `kubectl taint` writes a taint.
// Without a value any will do, and without an effect each.
func ParseToleration(text string) (corev1.Toleration, error) {
	taint, effect, _ := strings.Cut(text, ":")
	key, value, equal := strings.Cut(taint, "=")
	t := corev1.Toleration{Key: key, Value: value, Effect: corev1.TaintEffect(effect), Operator: corev1.TolerationOpExists}
	if equal {
		t.Operator = corev1.TolerationOpEqual
	}
	effects := []corev1.TaintEffect{"", corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute}
	if key == "" || !slices.Contains(effects, t.Effect) {
		return t, fmt.Errorf("--toleration must be KEY[=VALUE][:EFFECT], not %q", text)
	}
	return t, nil
}

// tolerates reports whether a member may be put where the taint is, as a scheduler
// decides.
func (d *Deployer) tolerates(taint *corev1.Taint) bool {
	for _, t := range d.Tolerations {
		key := t.Key == taint.Key || t.Key == "" && t.Operator == corev1.TolerationOpExists
		value := t.Operator == corev1.TolerationOpExists || t.Value == taint.Value
		if key && value && (t.Effect == "" || t.Effect == taint.Effect) {
			return true
		}
	}
	return false
}
