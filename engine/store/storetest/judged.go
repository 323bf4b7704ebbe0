package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// judged: an owner's rule sees a resource under its final id, and references to this server in one form, however they came.
func judged(t0 *testing.T, open Open) {
	const base = "https://ficus.test/fhir"
	notItself := func(_ context.Context, d store.Draft) error {
		other := d.New.Get("link").At(0).Get("other").Get("reference")
		if ref := fhir.ParseRef(other.Str()); ref.Kind == fhir.RefRelative && ref.ID == d.New.ID() {
			line, col := other.Pos()
			return fault.At(fault.Unprocessable, fault.Issue{Text: "itself", Expression: "Patient.link[0].other", Line: line, Col: col})
		}
		return nil
	}
	t := begin(t0, open, store.Options{Base: base, Rules: map[string]store.Rule{"Patient": notItself}})
	linked := func(id, ref string) string {
		return fmt.Sprintf(`{"resourceType":"Patient",%s"link":[{"other":{"reference":%q},"type":"seealso"}]}`, id, ref)
	}
	t.put(`{"resourceType":"Patient","id":"p"}`)
	for _, ref := range []string{"Patient/p", base + "/Patient/p", "Patient/p/_history/1", base + "/Patient/p/_history/1"} {
		_, err := t.desk.Update(t.ctx, t.parse("%s", linked(`"id":"p",`, ref)))
		t.want(fault.Unprocessable, err)
		if f := fault.Find(err); f == nil || f.Issues[0].Line != map[bool]int{true: 1}[ref[0] == 'P'] {
			t.Errorf("%s: the place is that of another text: %+v", ref, f)
		}
	}
	for _, url := range []string{"urn:uuid:9e2d7dd5-97e0-4df5-8a2f-c89301a1fc01", "https://x.test/Patient/7"} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entry(url, "POST", "Patient", linked("", url))))
		t.want(fault.Unprocessable, err)
		_, err = t.desk.Transaction(t.ctx, t.bundle("transaction", entry(url, "PUT", "Patient/p", linked(`"id":"p",`, url))))
		t.want(fault.Unprocessable, err)
	}
	other := t.create("%s", linked(`"id":"p",`, base+"/Patient/p")) // the id that it came with is not its own
	t.put("%s", linked(`"id":"p",`, base+"/Patient/"+other.ID))
	t.put(`{"resourceType":"Patient","id":"q"}`)
	_, err := t.desk.Patch(t.ctx, "Patient", "q", t.jsonPatch(`[{"op":"add","path":"/link","value":[{"other":{"reference":"%s/Patient/q"},"type":"seealso"}]}]`, base))
	t.want(fault.Unprocessable, err)
}
