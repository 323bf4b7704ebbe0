package core

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// paged are the parameters of what comes in pages. _cursor is ours: links hold it.
var paged = [...]operation.Param{
	{Name: "_since", Type: "instant"}, {Name: "_type", Type: "code", Many: true}, {Name: "_count", Type: "integer"}, {Name: "_cursor", Type: "string"},
}

// patientEverything is $everything of one patient, or of all (https://hl7.org/fhir/R4/operation-patient-everything.html).
func patientEverything() operation.Operation {
	return everything("Patient", operation.OnType|operation.OnInstance, operation.Param{Name: "start", Type: "date"}, operation.Param{Name: "end", Type: "date"})
}

// encounterEverything is $everything of one encounter (https://hl7.org/fhir/R4/operation-encounter-everything.html).
func encounterEverything() operation.Operation { return everything("Encounter", operation.OnInstance) }

func everything(typ string, on operation.Level, more ...operation.Param) operation.Operation {
	return operation.Operation{
		Code: "everything", Definition: definition(typ + "-everything"), On: on, Types: []string{typ}, Right: access.Read,
		In: append(more, paged[:]...),
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			q := store.Everything{Type: c.Type, ID: c.ID, Start: c.In.Text("start"), End: c.In.Text("end"), Cursor: c.In.Text("_cursor")}
			var err error
			if q.Since, err = since(c.In.Text("_since")); err != nil {
				return operation.Answer{}, err
			}
			if q.Types, err = types(c.In.Texts("_type")); err != nil {
				return operation.Answer{}, err
			}
			if q.Count, err = count(c.In.Text("_count")); err != nil {
				return operation.Answer{}, err
			}
			if c.ID == "" {
				return ofAll(ctx, desk, q)
			}
			page, err := desk.Everything(ctx, q)
			return operation.Answer{Page: &page}, err
		},
	}
}

func wrong(name, text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the parameter " + name + " must be " + text, Expression: "http." + name})
}

// since reads an instant, or a date, of which it is the beginning.
func since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	q, _, err := search.Parse("", []search.Pair{{Name: "_lastUpdated", Value: text}}, search.Strict)
	if err != nil || len(q.Clauses) != 1 || len(q.Clauses[0].Values) != 1 || q.Clauses[0].Values[0].Prefix != search.Eq {
		return time.Time{}, wrong("_since", "an instant, such as 2026-01-31T10:00:00Z")
	}
	return time.UnixMicro(q.Clauses[0].Values[0].Lo).UTC(), nil
}

// types reads a list of types, each value of which may be a list itself.
func types(texts []string) (out []string, err error) {
	for _, text := range texts {
		for name := range strings.SplitSeq(text, ",") {
			if _, known := r4.ResourceIndex(name); !known {
				return nil, wrong("_type", "a list of resource types of FHIR R4, separated by commas")
			}
			out = append(out, name)
		}
	}
	return out, nil
}

func count(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		return 0, wrong("_count", "a whole number from 1")
	}
	return int(n), nil
}
