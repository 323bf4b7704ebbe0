package validate

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// spot is one member of an object or item of an array in a decoded document, with a way to replace it.
type spot struct {
	value any
	put   func(any)
}

func spots(v any, out []spot) []spot {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = spots(v[k], append(out, spot{v[k], func(n any) { v[k] = n }}))
		}
	case []any:
		for i := range v {
			out = spots(v[i], append(out, spot{v[i], func(n any) { v[i] = n }}))
		}
	}
	return out
}

// damage makes something of a value that no element of R4 can be at its place.
func damage(v any, how int) any {
	switch v := v.(type) {
	case string:
		return [...]any{"", json.Number("7"), []any{v}, map[string]any{"a": v}, nil}[how%5]
	case bool, json.Number:
		return [...]any{"", "7", []any{v}, map[string]any{"a": v}, nil}[how%5]
	case []any:
		return [...]any{[]any{}, v[0], []any{v}, map[string]any{"a": v}, append([]any{nil}, v...)}[how%5]
	case map[string]any:
		return [...]any{map[string]any{}, "7", []any{v}, map[string]any{"zzz": v}, json.Number("7")}[how%5]
	}
	return map[string]any{} // null, beside an extension, becomes an empty object
}

// Any valid example with any one value damaged in any of these ways must be found to be invalid.
func TestDamageIsFound(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 1))
	tried := 0
	for d := range documents(t, suites.Path(t, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz")) {
		if len(d.raw) > 20_000 || random.IntN(8) > 0 || len(exampleIssues(t, d.raw)) > 0 {
			continue
		}
		for range 8 {
			tried++
			damageOne(t, d, random)
		}
	}
	if tried < 2000 {
		t.Errorf("only %d tries", tried)
	}
}

func damageOne(t *testing.T, d document, random *rand.Rand) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(d.raw))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	all := spots(tree, nil)
	s := all[random.IntN(len(all))]
	how := random.IntN(5)
	s.put(damage(s.value, how))
	broken, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	if len(exampleIssues(t, broken)) == 0 {
		was, _ := json.Marshal(s.value)
		t.Errorf("%s: damage %d of %.200s is not found", d.name, how, was)
	}
}

// exampleIssues are the issues of a text; a text without a resourceType has one too.
func exampleIssues(t *testing.T, raw []byte) []string {
	t.Helper()
	r, err := fhir.Parse(raw, fhir.Limits{})
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, i := range Base(r) {
		out = append(out, i.Text)
	}
	return out
}
