package index

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// TestListedParametersHaveNoData walks the examples as plain JSON, without FHIRPath or tables, and looks for values where
// the parameters that are listed as having no rows would find them.
func TestListedParametersHaveNoData(t *testing.T) {
	listed, paths := listOf(t, "testdata/without-example.txt"), map[string][]string{}
	for _, p := range r4.AllParams() {
		if name := strings.TrimPrefix(p.URL, "http://hl7.org/fhir/SearchParameter/"); listed[name] && p.Type != "composite" {
			for branch := range strings.SplitSeq(p.Expression, "|") {
				if branch = strings.TrimSpace(branch); plainPath.MatchString(branch) {
					paths[branch] = append(paths[branch], p.Type)
				}
			}
		}
	}
	if len(paths) < 200 {
		t.Fatalf("only %d paths to look at", len(paths))
	}
	var mu sync.Mutex
	eachExample(t, func(name string, r fhir.Resource) {
		var doc any
		if err := json.Unmarshal(r.Raw(), &doc); err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for path, types := range paths {
			if steps := strings.Split(path, "."); steps[0] == r.Type() && usable(walk(doc, steps[1:]), types[0]) {
				t.Errorf("%s has %s", name, path)
			}
		}
	})
}

var plainPath = regexp.MustCompile(`^[A-Z][A-Za-z]*(\.[a-z][A-Za-z]*)+$`)

// walk follows names through objects and arrays; a name also finds the choices that begin with it.
func walk(v any, steps []string) []any {
	if list, ok := v.([]any); ok {
		var out []any
		for _, x := range list {
			out = append(out, walk(x, steps)...)
		}
		return out
	}
	if len(steps) == 0 {
		return []any{v}
	}
	var out []any
	object, _ := v.(map[string]any)
	for k, x := range object {
		if rest, ok := strings.CutPrefix(k, steps[0]); ok && (rest == "" || rest[0] >= 'A' && rest[0] <= 'Z') {
			out = append(out, walk(x, steps[1:])...)
		}
	}
	return out
}

// usable says whether one of the values counts as one: a reference needs a target, anything else
// that is an object a code, value, bound or the like.
func usable(values []any, paramType string) bool {
	for _, v := range values {
		object, isObject := v.(map[string]any)
		text, _ := object["reference"].(string)
		switch {
		case paramType == "special" && object["latitude"] != nil:
			return true
		case !isObject:
			return true
		case paramType == "reference":
			if object["identifier"] != nil || text != "" {
				return true
			}
		case object["coding"] != nil || object["value"] != nil || object["start"] != nil || object["end"] != nil || object["code"] != nil:
			return true
		}
	}
	return false
}
