package terms

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// rehearsal is what the store would say to the write for which a mode asks: nothing is written. Faults: those that say nothing
// about the write.
func rehearsal(ctx context.Context, desk *store.Desk, c operation.Call, r fhir.Resource) ([]fault.Issue, error) {
	if mode := c.In.Text("mode"); mode == "" || mode == "profile" {
		return nil, nil
	}
	err := desk.Rehearse(ctx, func(w *store.Change) {
		switch c.In.Text("mode") {
		case "create":
			w.Create(r)
		case "update":
			w.Update(r)
		case "delete":
			w.Delete(c.Type, c.ID)
		}
	})
	f := fault.Find(err)
	if err == nil || f == nil {
		return nil, err
	}
	code, about := aboutWrites[f.Kind]
	if !about {
		return nil, err
	}
	issues := slices.Clone(f.Issues)
	if len(issues) == 0 {
		issues = []fault.Issue{{Text: f.Text}}
	}
	for i := range issues {
		if issues[i].Code == "" {
			issues[i].Code = code
		}
	}
	return issues, nil
}

// aboutWrites are the kinds of faults that say that a write would be refused, each with the type of its issue.
var aboutWrites = map[fault.Kind]string{
	fault.Invalid: "invalid", fault.Unprocessable: "processing", fault.Conflict: "conflict", fault.Stale: "conflict",
	fault.Forbidden: "forbidden", fault.NotAllowed: "not-supported", fault.TooLarge: "too-long", fault.TooCostly: "too-costly",
}

// join appends issues, but for those that are there.
func join(list, more []fault.Issue) []fault.Issue {
	for _, m := range more {
		if !slices.ContainsFunc(list, func(i fault.Issue) bool { return i.Text == m.Text && i.Expression == m.Expression }) {
			list = append(list, m)
		}
	}
	return list
}
