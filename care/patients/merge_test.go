package patients

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// family puts two patients and what refers to the first in every way that there is.
func (t *story) family() {
	t.put(`{"resourceType":"Patient","id":"a","active":true,"identifier":[{"use":"usual","system":"http://s","value":"1"},{"system":"http://s","value":"both"}],"name":[{"family":"Roy"}]}`)
	t.put(`{"resourceType":"Patient","id":"b","identifier":[{"system":"http://s","value":"2"},{"system":"http://s","value":"both"}],"name":[{"family":"Roy"}]}`)
	t.put(`{"resourceType":"Patient","id":"c","link":[{"other":{"reference":"Patient/a"},"type":"seealso"}]}`)
	t.basic("plain", "a")
	t.basic("version", "a/_history/1")
	t.put(`{"resourceType":"Basic","id":"absolute","code":{"text":"x"},"subject":{"reference":"http://here/fhir/Patient/a","display":"Roy"}}`)
	t.put(`{"resourceType":"Basic","id":"extension","code":{"text":"x"},"extension":[{"url":"http://x","valueReference":{"reference":"Patient/a"}}]}`)
	t.put(`{"resourceType":"Basic","id":"contained","code":{"text":"x"},"contained":[{"resourceType":"Basic","id":"in","code":{"text":"y"},"subject":{"reference":"Patient/a"}}],"subject":{"reference":"#in"}}`)
	t.put(`{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/c"}},{"entity":{"reference":"Patient/a"}},{"entity":{"reference":"Patient/b"}}]}`)
	t.put(`{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{"item":{"reference":"Patient/b"}},{"item":{"reference":"Patient/a"}}]}`)
	t.put(`{"resourceType":"Provenance","id":"p","recorded":"2026-01-01T00:00:00Z","target":[{"reference":"Patient/a"}],"agent":[{"who":{"reference":"Patient/a"}}]}`)
	t.put(`{"resourceType":"AuditEvent","id":"e","recorded":"2026-01-01T00:00:00Z","type":{"code":"rest"},"agent":[{"requestor":true,"who":{"reference":"Patient/a"}}],"source":{"observer":{"reference":"Patient/a"}}}`)
}

func referring() []string {
	return []string{"Patient/c", "Basic/plain", "Basic/version", "Basic/absolute", "Basic/extension", "Basic/contained", "Group/g", "List/l", "Provenance/p"}
}

func (t *story) contents() string {
	t.Helper()
	var out []string
	for _, name := range append(referring(), "Patient/a", "Patient/b", "AuditEvent/e") {
		typ, id, _ := strings.Cut(name, "/")
		out = append(out, t.content(typ, id))
	}
	return strings.Join(out, "\n")
}

// TestAMergeMovesEverythingAndAnUnmergeBringsItBack, with no other difference than versions.
func TestAMergeMovesEverythingAndAnUnmergeBringsItBack(t *testing.T) {
	both(t, func(t *story) {
		t.family()
		before := t.contents()
		preview, err := t.call(t.desk, "merge", pair("a", "b")+`,{"name":"preview","valueBoolean":true}`)
		if err != nil {
			t.Fatal(err)
		}
		t.holds("preview", string(preview.Raw()), "Preview: nothing was changed", "9 resources: 5 Basic, 1 Group, 1 List, 1 Patient, 1 Provenance", `"use":"old"`, `"type":"replaces"`, "!versionId", `"name":"input"`)
		if after := t.contents(); after != before {
			t.Errorf("a preview changed\n%s\nto\n%s", before, after)
		}
		answer := t.merge("a", "b")
		t.holds("answer", answer, "Patient/a was merged into Patient/b; references moved in 9 resources", `"name":"result","resource":{"resourceType":"Patient"`, `"id":"b"`, `"versionId":"2"`)
		for _, name := range referring() {
			typ, id, _ := strings.Cut(name, "/")
			t.holds(name, t.body(typ, id), "!Patient/a", "Patient/b")
		}
		t.holds("display", t.body("Basic", "absolute"), `{"reference":"Patient/b","display":"Roy"}`)
		t.holds("AuditEvent", t.body("AuditEvent", "e"), "Patient/a", "!Patient/b")
		t.holds("source", t.body("Patient", "a"), `"active":false`, `"link":[{"other":{"reference":"Patient/b"},"type":"replaced-by"}]`, `"family":"Roy"`)
		t.holds("target", t.body("Patient", "b"), `"link":[{"other":{"reference":"Patient/a"},"type":"replaces"}]`,
			`[{"system":"http://s","value":"2"},{"system":"http://s","value":"both"},{"use":"old","system":"http://s","value":"1"}]`, "!active")
		if v, err := t.desk.VRead(t.Context(), "Patient", "a", "1"); err != nil || !strings.Contains(string(v.Body), `"active":true`) {
			t.Errorf("the history of the source: %s, %v", v.Body, err)
		}
		record := t.found("Provenance", "target=Patient/a")
		t.holds("record", t.body("Provenance", record), `"code":"merge"`, "Patient/b/_history/2", "Patient/a/_history/2", `"value":"user/clerk"`)

		t.holds("unmerge", t.unmerge("a"), "was taken back; references moved back in 9 resources", "!since")
		if after := t.contents(); after != before {
			t.Errorf("unmerge left\n%s\nof\n%s", after, before)
		}
		t.holds("again", t.unmerge("a"), "was taken back before; nothing was changed")
		t.merge("a", "b")
		t.unmerge("a")
		if after := t.contents(); after != before {
			t.Errorf("a second unmerge left\n%s\nof\n%s", after, before)
		}
	})
}

// TestAMergedPatientIsClosed to references and changes; every text names who survives.
func TestAMergedPatientIsClosed(t *testing.T) {
	both(t, func(t *story) {
		t.family()
		t.merge("a", "b")
		for _, body := range []string{
			`{"resourceType":"Patient","id":"a","active":true}`,
			`{"resourceType":"Basic","id":"new","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`,
			`{"resourceType":"Basic","id":"plain","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`,
		} {
			_, err := t.desk.Update(t.Context(), parse(t.T, body))
			t.refused(body, err, fault.Unprocessable, "replaced by Patient/b")
		}
		_, err := t.desk.Delete(t.Context(), "Patient", "a")
		t.refused("delete", err, fault.Unprocessable, "replaced by Patient/b")
		for what, ids := range map[string][2]string{"again": {"a", "b"}, "elsewhere": {"a", "c"}, "circle": {"b", "a"}, "into it": {"c", "a"}} {
			_, err := t.call(t.desk, "merge", pair(ids[0], ids[1]))
			t.refused(what, err, fault.Unprocessable, "Patient/a was merged into Patient/b already")
		}
	})
}

// TestChains: A into B into C; taken back in the other order.
func TestChains(t *testing.T) {
	both(t, func(t *story) {
		t.family()
		before := t.contents()
		t.merge("a", "b")
		t.merge("b", "c")
		t.holds("the first source", t.body("Patient", "a"), "Patient/c", "!Patient/b")
		_, err := t.desk.Update(t.Context(), parse(t.T, `{"resourceType":"Basic","id":"new","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`))
		t.refused("a reference to the first source", err, fault.Unprocessable, "replaced by Patient/c")
		t.holds("what referred to a", t.body("Basic", "plain"), "Patient/c")
		_, err = t.call(t.desk, "unmerge", reference("source-patient", "a"))
		t.refused("out of turn", err, fault.Unprocessable, "Patient/b was itself merged into Patient/c")
		t.unmerge("b")
		t.holds("the first source", t.body("Patient", "a"), "Patient/b", "!Patient/c")
		_, err = t.desk.Update(t.Context(), parse(t.T, `{"resourceType":"Basic","id":"new","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`))
		t.refused("a reference to the first source", err, fault.Unprocessable, "replaced by Patient/b")
		t.holds("what both moved and both brought back", t.unmerge("a"), "!was changed since")
		if after := t.contents(); after != before {
			t.Errorf("left\n%s\nof\n%s", after, before)
		}
	})
}

// TestWhatChangedSinceIsKept and said.
func TestWhatChangedSinceIsKept(t *testing.T) {
	both(t, func(t *story) {
		t.family()
		for _, id := range []string{"gone", "edited", "reassigned", "doubled"} {
			t.basic(id, "a")
		}
		t.basic("own", "b")
		t.merge("a", "b")
		if _, err := t.desk.Delete(t.Context(), "Basic", "gone"); err != nil {
			t.Fatal(err)
		}
		t.put(`{"resourceType":"Basic","id":"edited","code":{"text":"later"},"subject":{"reference":"Patient/b"}}`)
		t.basic("reassigned", "c")
		t.put(`{"resourceType":"Basic","id":"doubled","code":{"text":"x"},"subject":{"reference":"Patient/b"},"author":{"reference":"Patient/b"}}`)
		t.put(`{"resourceType":"Patient","id":"b","gender":"female","identifier":[{"system":"http://s","value":"2"},{"system":"http://s","value":"both"},{"use":"old","system":"http://s","value":"1"}],
			"link":[{"other":{"reference":"Patient/a"},"type":"replaces"},{"other":{"reference":"Patient/c"},"type":"seealso"}]}`)
		answer := t.unmerge("a")
		t.holds("answer", answer, "Basic/gone was deleted since", "Basic/edited was changed since; its later content is kept, and its references were moved back",
			"Basic/reassigned was changed since, and what it refers to as well; it was left as it is", "Basic/doubled was changed since, and",
			"Patient/b was changed since; its later content is kept", "!Basic/plain")
		t.holds("edited", t.body("Basic", "edited"), "later", "Patient/a")
		t.holds("reassigned", t.body("Basic", "reassigned"), "Patient/c")
		t.holds("doubled", t.body("Basic", "doubled"), "!Patient/a")
		t.holds("own", t.body("Basic", "own"), "Patient/b", `"versionId":"1"`)
		t.holds("target", t.body("Patient", "b"), "female", "Patient/c", "!Patient/a", `"value":"2"`, `!"value":"1"`)
		t.holds("source", t.body("Patient", "a"), `"active":true`, "!link")
	})
}

// TestResultPatient is what the target becomes, if it fits.
func TestResultPatient(t *testing.T) {
	both(t, func(t *story) {
		t.family()
		try := func(result string) error {
			_, err := t.call(t.desk, "merge", `{"name":"source-patient-identifier","valueIdentifier":{"system":"http://s","value":"1"}},`+reference("target-patient", "b")+
				`,{"name":"result-patient","resource":`+result+`}`)
			return err
		}
		const link = `"link":[{"other":{"reference":"Patient/a"},"type":"replaces"}]`
		const identifier = `"identifier":[{"system":"http://s","value":"1"}]`
		t.refused("another id", try(`{"resourceType":"Patient","id":"a",`+link+`}`), fault.Invalid, "must have the id of the target")
		t.refused("no link", try(`{"resourceType":"Patient","id":"b",`+identifier+`}`), fault.Invalid, "must have a link")
		t.refused("no identifier", try(`{"resourceType":"Patient","id":"b",`+link+`}`), fault.Invalid, "must bear the identifiers")
		t.refused("stale", try(`{"resourceType":"Patient","id":"b","meta":{"versionId":"7"},`+link+`,`+identifier+`}`), fault.Stale, "another version")
		t.refused("wrong", try(`{"resourceType":"Patient","id":"b","gender":"x",`+link+`,`+identifier+`}`), fault.Unprocessable, "rules of FHIR")
		if err := try(`{"resourceType":"Patient","id":"b","meta":{"versionId":"1"},"gender":"female",` + link + `,` + identifier + `}`); err != nil {
			t.Fatal(err)
		}
		t.holds("target", t.body("Patient", "b"), "female", link, "!Roy")
		t.unmerge("a")
		t.holds("target", t.body("Patient", "b"), "!female", "!link", "Roy")
	})
}

// TestRefusals: what cannot be merged is said, and nothing is written.
func TestRefusals(t *testing.T) {
	both(t, func(t *story) {
		t.family()
		before := t.contents()
		t.put(`{"resourceType":"Patient","id":"dead"}`)
		if _, err := t.desk.Delete(t.Context(), "Patient", "dead"); err != nil {
			t.Fatal(err)
		}
		identifier := func(name, value string) string {
			return `{"name":"` + name + `-identifier","valueIdentifier":{"system":"http://s","value":"` + value + `"}}`
		}
		for list, want := range map[string]struct {
			kind  fault.Kind
			words string
		}{
			pair("a", "a"):                   {fault.Invalid, "same patient"},
			reference("source-patient", "a"): {fault.Invalid, "target-patient or target-patient-identifier"},
			pair("nobody", "b"):              {fault.Unprocessable, "source-patient: there is no such Patient"},
			pair("a", "dead"):                {fault.Unprocessable, "target-patient: the Patient was deleted"},
			identifier("source-patient", "both") + "," + reference("target-patient", "b"):                                                {fault.Invalid, "do not name one patient: found 2"},
			identifier("source-patient", "9") + "," + reference("target-patient", "b"):                                                   {fault.Invalid, "found 0"},
			pair("a", "b") + "," + identifier("source-patient", "2"):                                                                     {fault.Invalid, "does not bear all identifiers"},
			`{"name":"source-patient","valueReference":{"reference":"Group/g"}},` + reference("target-patient", "b"):                     {fault.Invalid, "must refer to a Patient of this server"},
			`{"name":"source-patient","valueReference":{"reference":"http://there/fhir/Patient/a"}},` + reference("target-patient", "b"): {fault.Invalid, "must refer to a Patient of this server"},
		} {
			_, err := t.call(t.desk, "merge", list)
			t.refused(list, err, want.kind, want.words)
		}
		for _, scopes := range []string{"system/Patient.cruds", "system/*.rs", "system/Patient.cruds system/*.rs"} {
			_, err := t.call(t.store.As(principal(t.T, scopes)), "merge", pair("a", "b"))
			t.refused(scopes, err, fault.Forbidden, "")
		}
		_, err := t.call(t.desk, "unmerge", reference("source-patient", "a"))
		t.refused("never merged", err, fault.Unprocessable, "was not merged by $merge")
		if after := t.contents(); after != before {
			t.Errorf("refusals changed\n%s\nto\n%s", before, after)
		}
		t.merge("a", "b")
		_, err = t.call(t.desk, "unmerge", pair("a", "c"))
		t.refused("another target", err, fault.Unprocessable, "merged into Patient/b, not into Patient/c")
		preview, err := t.call(t.desk, "unmerge", pair("a", "b")+`,{"name":"preview","valueBoolean":true}`)
		if err != nil {
			t.Fatal(err)
		}
		t.holds("preview", string(preview.Raw()), "can be taken back; references to be moved back in 9 resources")
		t.holds("after the preview", t.body("Basic", "plain"), "Patient/b")
	})
}
