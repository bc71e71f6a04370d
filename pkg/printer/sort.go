package printer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-monitor/kubectl-monitor/pkg/model"
)

// Sort orders the items of a list, for every format, by one of its columns in
// lower case; a leading '-' turns the order round. Numbers sort as numbers.
// Rows that have no value come last either way, and equal ones keep their
// order. An unknown column is an error that lists the columns.
func Sort(record any, by string) error {
	switch r := record.(type) {
	case *model.NodeList:
		return sortBy(r.Items, nodeColumns(sortableMetrics(r.Items), r.ObservedAt), by)
	case *model.MemberList:
		return sortBy(r.Items, memberColumns(false), by)
	case *model.ConfigList:
		return sortBy(r.Items, configColumns(), by)
	case *model.ConfigHistory:
		return sortBy(r.Items, historyColumns(r.ObservedAt), by)
	case *model.Rollout:
		return sortBy(r.Items, rolloutColumns(), by)
	case *model.ProcessList:
		return sortBy(r.Items, processColumns(r.ObservedAt), by)
	case model.NodeList:
		return Sort(&r, by)
	case model.MemberList:
		return Sort(&r, by)
	case model.ConfigList:
		return Sort(&r, by)
	case model.ConfigHistory:
		return Sort(&r, by)
	case model.Rollout:
		return Sort(&r, by)
	case model.ProcessList:
		return Sort(&r, by)
	}
	return fmt.Errorf("sort %T: not a list", record)
}

type keyed[T any] struct {
	item    T
	number  float64
	text    string
	missing bool
}

func sortBy[T any](items []T, columns []column[T], by string) error {
	name, descending := strings.CutPrefix(by, "-")
	at := slices.IndexFunc(columns, func(c column[T]) bool {
		return strings.ToLower(c.name) == name || c.alias != "" && c.alias == name
	})
	if at < 0 {
		return fmt.Errorf("unknown column %q to sort by; known: %s", name, columnNames(columns))
	}
	keys := make([]keyed[T], len(items))
	for i := range items {
		keys[i] = keyOf(items[i], columns[at])
	}
	slices.SortStableFunc(keys, func(a, b keyed[T]) int {
		if a.missing || b.missing {
			return compareBool(a.missing, b.missing)
		}
		order := cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.text, b.text))
		if descending {
			return -order
		}
		return order
	})
	for i := range keys {
		items[i] = keys[i].item
	}
	return nil
}

func keyOf[T any](item T, c column[T]) keyed[T] {
	k := keyed[T]{item: item}
	if c.order != nil {
		n, ok := c.order(&item)
		k.number, k.missing = n, !ok
		return k
	}
	k.text = c.cell(&item)
	k.missing = k.text == "" || k.text == unknown
	return k
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func columnNames[T any](columns []column[T]) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = strings.ToLower(c.name)
	}
	return strings.Join(names, ", ")
}
