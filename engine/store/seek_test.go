package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// TestAConditionReadsABoundedNumber wants a condition that would have to open too much to be refused by name, while others
// that are written with it are not, and a search of the same to be answered.
func TestAConditionReadsABoundedNumber(t *testing.T) {
	x := define(t, dbtest.SQLiteURL(t), t.TempDir(), store.Options{})
	var entries []string
	for i := range 1001 {
		entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},
			"contained":[{"resourceType":"Patient","id":"p","name":[{"family":"Holt%d"}]}]},"request":{"method":"PUT","url":"Observation/o%d"}}`, i, i, i))
	}
	storetest.Post(x, x.desk, entries)
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation","status":"final","code":{"text":"y"}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.desk.Create(t.Context(), r, store.IfNoneExist("subject:Patient.family=Holt7"))
	if f := fault.Find(err); f == nil || f.Kind != fault.TooCostly || !strings.Contains(f.Issues[0].Text, "1000 resources that contain a Patient") {
		t.Errorf("%v", err)
	}
	if made, err := x.desk.Create(t.Context(), r, store.IfNoneExist("subject:Patient.family=Holt7&_id=o7")); err != nil || made.ID != "o7" {
		t.Errorf("narrowed: %+v %v", made, err)
	}
	x.found("Observation", "subject:Patient.family:exact=Holt7", "o7")
}

// TestTheConditionsOfAWriteReadABoundedNumberTogether wants a transaction to be refused that would open few resources for each
// of its conditions, but too many for all of them; exactly as many as are allowed are opened.
func TestTheConditionsOfAWriteReadABoundedNumberTogether(t *testing.T) {
	x := define(t, dbtest.SQLiteURL(t), t.TempDir(), store.Options{})
	var entries []string
	for i := range 500 {
		entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},
			"contained":[{"resourceType":"Patient","id":"p","name":[{"family":"Holt%d"}]}]},"request":{"method":"PUT","url":"Observation/o%d"}}`, i, i, i))
	}
	storetest.Post(x, x.desk, entries)
	create := func(n int) error {
		return x.desk.Write(t.Context(), func(c *store.Change) error {
			for i := range n {
				c.Create(parsed(t, `{"resourceType":"Observation","status":"final","code":{"text":"y"}}`), store.IfNoneExist(fmt.Sprintf("subject:Patient.family:exact=Holt%d", i)))
			}
			return nil
		})
	}
	if err := create(2); err != nil {
		t.Error(err)
	}
	if f := fault.Find(create(3)); f == nil || f.Kind != fault.TooCostly || !strings.Contains(f.Issues[0].Text, "conditions of the request together") {
		t.Errorf("%v", f)
	}
}

// TestTheConditionsOfAGroupReadABoundedNumberTogether wants a write to be put off whose conditions would have others wait for more
// than those of one write may read, and all to be written in the end.
func TestTheConditionsOfAGroupReadABoundedNumberTogether(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		types := map[string]string{"Observation": `"status":"final","code":{"text":"x"},`, "Condition": "", "Procedure": `"status":"completed",`}
		var changes []func(*store.Change) error
		for _, typ := range []string{"Observation", "Condition", "Procedure"} {
			var entries []string
			for i := range 400 {
				entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":%q,"id":"o%d",%s"subject":{"reference":"#p"},
					"contained":[{"resourceType":"Patient","id":"p","name":[{"family":"Holt%d"}]}]},"request":{"method":"PUT","url":"%s/o%d"}}`, typ, i, types[typ], i, typ, i))
			}
			storetest.Post(x, x.desk, entries)
			changes = append(changes, func(c *store.Change) error {
				c.Create(parsed(x.T, `{"resourceType":%q,%s"subject":{"display":"y"}}`, typ, types[typ]), store.IfNoneExist("subject:Patient.family:exact=Holt"))
				return nil
			})
		}
		changes = append(changes, func(c *store.Change) error {
			c.Create(parsed(x.T, `{"resourceType":"Basic","code":{"text":"x"}}`))
			return nil
		})
		sizes, err := x.desk.CommitTogether(x.Context(), changes...)
		if err != nil || !slices.Equal(sizes, []int{3, 1}) {
			x.Errorf("%v, %v", sizes, err)
		}
	})
}

// TestStepsAlongURLsReadABoundedNumberTogether wants each of two steps to be followed, and both together to be refused.
func TestStepsAlongURLsReadABoundedNumberTogether(t *testing.T) {
	onBoth(t, store.Options{}, func(x *defining) {
		var entries []string
		for i := range 600 {
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Questionnaire","id":"q%d","status":"active","version":"1","url":"http://q/%d"},
				"request":{"method":"PUT","url":"Questionnaire/q%d"}}`, i, i, i))
		}
		storetest.Post(x, x.desk, entries)
		answered := parsed(x.T, `{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"http://q/5"}`)
		var first store.Result
		for i, query := range []string{"questionnaire:Questionnaire.status=active", "questionnaire:Questionnaire.version=1"} {
			made, err := x.desk.Create(x.Context(), answered, store.IfNoneExist(query))
			if i == 0 {
				first = made
			}
			if err != nil || made.ID != first.ID {
				x.Errorf("%s: %+v %v", query, made, err)
			}
		}
		_, err := x.desk.Create(x.Context(), answered, store.IfNoneExist("questionnaire:Questionnaire.status=active&questionnaire:Questionnaire.version=1"))
		if f := fault.Find(err); f == nil || f.Kind != fault.TooCostly || !strings.Contains(f.Issues[0].Text, "together") {
			x.Errorf("%v", err)
		}
	})
}
