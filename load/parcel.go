package load

import (
	"bytes"

	"github.com/ficushealth/ficus/fhir"
)

// entry is one entry of a bundle that is sent, and where it came from.
type entry struct {
	file  string
	index int    // of the entry in its file, from 0; of a line, from 0
	kind  string // the resource's type
	key   string // "Type/id", empty where the server gives the id
	json  []byte // the bundle entry
}

// parcel is one bundle to send.
type parcel struct {
	transaction bool // all or nothing; else a batch
	alone       bool // nothing else may be under way
	entries     []entry
}

const (
	batchEntries = 100
	batchBytes   = 4 << 20
)

// full tells whether a batch should go before e is added. Two writes of one
// resource do not go in one batch, whose entries have no order.
func (p *parcel) full(e entry) bool {
	bytes := len(e.json)
	for _, other := range p.entries {
		if bytes += len(other.json); e.key != "" && e.key == other.key {
			return true
		}
	}
	return len(p.entries) == batchEntries || bytes > batchBytes && len(p.entries) > 0
}

func (p *parcel) bundle() []byte {
	var b bytes.Buffer
	b.WriteString(`{"resourceType":"Bundle","type":"`)
	b.WriteString(map[bool]string{true: "transaction", false: "batch"}[p.transaction])
	b.WriteString(`","entry":[`)
	for i, e := range p.entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(e.json)
	}
	b.WriteString("]}")
	return b.Bytes()
}

// entryOf writes a resource as an entry: under its own id, or as a new one if it has none.
func entryOf(path string, index int, fullURL string, r fhir.Resource) entry {
	e := entry{file: path, index: index, kind: r.Type()}
	method, url := "POST", r.Type()
	if id := r.ID(); id != "" {
		e.key = r.Type() + "/" + id
		method, url = "PUT", e.key
	}
	o := fhir.NewObject()
	if fullURL != "" {
		o.Set("fullUrl", fullURL)
	}
	o.Set("resource", r.Value).Set("request", fhir.NewObject().Set("method", method).Set("url", url))
	e.json = o.JSON()
	return e
}
