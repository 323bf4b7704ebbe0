package patients

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

const (
	maxBlock     = 500 // how many candidates one search brings
	defaultCount = 20  // how many matches are answered
	mostCount    = 100
)

// match is $match (https://hl7.org/fhir/R4/patient-operation-match.html): who of those who are known may be the patient that
// is described. Candidates are found by searches that an index answers, and weighed by what they have in common.
func match() operation.Operation {
	return operation.Operation{
		Code: "match", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-match", On: operation.OnType, Types: []string{"Patient"},
		Posted: true, Right: access.Search,
		In: []operation.Param{{Name: "resource", Type: "Patient", Required: true}, {Name: "onlyCertainMatches", Type: "boolean"}, {Name: "count", Type: "integer"}},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			most, err := countOf(c.In)
			if err != nil {
				return operation.Answer{}, err
			}
			wanted := traitsOf(c.In.Resource("resource"))
			if !wanted.enough() {
				return operation.Answer{}, fault.At(fault.Invalid, fault.Issue{Code: "required", Expression: "Patient", Text: tooLittle})
			}
			found, err := candidates(ctx, desk, wanted, c.Base)
			if err != nil {
				return operation.Answer{}, err
			}
			found = chosen(found, c.In.True("onlyCertainMatches"), most)
			return answered(ctx, desk, c.Base, found)
		},
	}
}

const tooLittle = "this is too little to tell people apart: send an identifier with its value, or a name with the birth date, " +
	"or family and given name with a telecom or a postal code, or a telecom with the birth date"

func countOf(in operation.Input) (int, error) {
	if !in.Has("count") {
		return defaultCount, nil
	}
	n, err := strconv.Atoi(in.Text("count"))
	if err != nil || n < 1 {
		return 0, misused("value", "the parameter count must be a whole number from 1")
	}
	return min(n, mostCount), nil
}

// candidate is somebody who may be meant.
type candidate struct {
	id    string
	score float64 // from 0 to 1
	grade string  // of http://hl7.org/fhir/match-grade
}

// candidates weighs all whom the blocks find. One who was merged counts for the survivor. The best come first; equals in the
// order of their ids.
func candidates(ctx context.Context, desk *store.Desk, wanted traits, base string) ([]candidate, error) {
	queries, err := blocks(wanted)
	if err != nil {
		return nil, err
	}
	best := map[string]candidate{}
	_, err = desk.ChooseAmong(ctx, queries, maxBlock, func(all iter.Seq2[store.Version, error]) ([]store.Version, error) {
		for v, err := range all {
			if err != nil {
				return nil, err
			}
			r, err := v.Resource()
			if err != nil {
				return nil, err
			}
			c := weighed(wanted, r, base)
			if c.grade != "" && c.score > best[c.id].score {
				best[c.id] = c
			}
		}
		return nil, nil
	})
	list := make([]candidate, 0, len(best))
	for _, c := range best {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	return list, err
}

// weighed is what somebody's record says for them, or for the survivor if that one is here; without a grade it says that
// they are not meant.
func weighed(wanted traits, r fhir.Resource, base string) candidate {
	has := traitsOf(r)
	c := candidate{id: r.ID()}
	if by, here := patientHere(survivor(r), base); here {
		c.id = by.ID
	}
	common := compared(wanted, has)
	c.score = probability(common.weight)
	c.grade = gradeOf(c.score)
	if namesake := has.dead && !wanted.dead; c.grade == certain && (namesake || !common.sure()) {
		c.grade = probable
	}
	return c
}

// chosen are those that are answered. Only certain ones: one, or nobody, because between two nothing is certain.
func chosen(list []candidate, onlyCertain bool, most int) []candidate {
	if onlyCertain {
		list = slices.DeleteFunc(list, func(c candidate) bool { return c.grade != certain })
		if len(list) > 1 {
			return nil
		}
	}
	return list[:min(len(list), most)]
}

// answered reads those who are answered, which is on record, and writes the searchset.
func answered(ctx context.Context, desk *store.Desk, base string, list []candidate) (operation.Answer, error) {
	bodies, err := bodiesOf(ctx, desk, list)
	if err != nil {
		return operation.Answer{}, err
	}
	entries := &fhir.List{}
	for _, c := range list {
		r, there := bodies[c.id]
		if !there || survivor(r) != "" {
			continue
		}
		grade := fhir.NewObject().Set("url", "http://hl7.org/fhir/StructureDefinition/match-grade").Set("valueCode", c.grade)
		entries.Add(fhir.NewObject().Set("fullUrl", base+"/Patient/"+c.id).Set("resource", r.Value).
			Set("search", fhir.NewObject().Set("extension", (&fhir.List{}).Add(grade)).Set("mode", "match").
				Set("score", fhir.Num(strconv.FormatFloat(c.score, 'f', 4, 64)))))
	}
	o := fhir.NewObject().Set("resourceType", "Bundle").Set("type", "searchset").Set("total", len(entries.Items)).
		Set("link", (&fhir.List{}).Add(fhir.NewObject().Set("relation", "self").Set("url", base+"/Patient/$match")))
	if len(entries.Items) > 0 {
		o.Set("entry", entries)
	}
	return operation.Resource(o), nil
}

func bodiesOf(ctx context.Context, desk *store.Desk, list []candidate) (map[string]fhir.Resource, error) {
	bodies := map[string]fhir.Resource{}
	if len(list) == 0 {
		return bodies, nil
	}
	q, err := anyOf("_id", list, func(c candidate) string { return c.id })
	if err != nil {
		return nil, err
	}
	found, err := desk.Choose(ctx, q, func(all iter.Seq2[store.Version, error]) (out []store.Version, err error) {
		for v, err := range all {
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	})
	if err != nil {
		return nil, err
	}
	for _, v := range found {
		if bodies[v.ID], err = v.Resource(); err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

// anyOf is the search of patients by one parameter with any of the values.
func anyOf[T any](name string, list []T, value func(T) string) (search.Query, error) {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = value(x)
	}
	return query(pairOf(name, texts...))
}
