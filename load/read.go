package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/xml"
)

// limits of one document; a bundle for a server should be far smaller.
const (
	maxFile = 1 << 30
	maxLine = 64 << 20
)

// reader turns files into parcels. Single resources of one file after the
// other share batches.
type reader struct {
	send func(parcel) error // an error stops the reading
	bad  func(entry, error) // what cannot be sent
	read func(int)          // bytes taken from disk
	open parcel             // the batch of single resources that is being filled
}

// all reads the files in order; ctx ends the waiting for a pipe.
func (r *reader) all(ctx context.Context, files []file) error {
	for _, f := range files {
		if err := r.one(ctx, f); err != nil {
			return err
		}
	}
	return r.flush()
}

func (r *reader) one(ctx context.Context, f file) error {
	in, err := f.open(ctx, r.read)
	if err != nil {
		r.bad(entry{file: f.path, index: -1}, err)
		return nil
	}
	defer in.Close() //nolint:errcheck // nothing was written
	if lines(f.path) {
		return r.lines(f.path, in)
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		r.bad(entry{file: f.path, index: -1}, err)
		return nil
	}
	return r.document(f.path, raw)
}

func (r *reader) document(path string, raw []byte) error {
	res, err := parse(raw)
	if err != nil {
		r.bad(entry{file: path, index: -1}, err)
		return nil
	}
	if res.Type() != "Bundle" {
		return r.single(entryOf(path, -1, "", res))
	}
	return r.bundle(path, fhir.Bundle{Resource: res})
}

func parse(raw []byte) (fhir.Resource, error) {
	raw = unmarked(raw)
	if InXML(raw) {
		return xml.Parse(raw, fhir.Limits{Bytes: maxFile})
	}
	return fhir.Parse(raw, fhir.Limits{Bytes: maxFile})
}

// unmarked leaves out the byte order mark with which some programs begin their files.
func unmarked(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// InXML tells by its first character whether a document is XML and not JSON.
func InXML(raw []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(raw, "\xEF\xBB\xBF \t\r\n"), []byte("<"))
}

// bundle sends a transaction or a batch as it is, and the resources of a collection or of a
// search result as one transaction.
func (r *reader) bundle(path string, b fhir.Bundle) error {
	switch b.Kind() {
	case "transaction", "batch":
		return r.whole(path, b, func(e fhir.Entry) (entry, error) {
			return entry{file: path, index: e.Index, kind: e.Body.Get("resourceType").Str(), json: e.Raw()}, nil
		})
	case "collection", "searchset":
		return r.whole(path, b, func(e fhir.Entry) (entry, error) {
			res, err := fhir.AsResource(e.Body)
			if err != nil {
				return entry{file: path, index: e.Index}, err
			}
			return entryOf(path, e.Index, e.FullURL, res), nil
		})
	}
	return r.single(entryOf(path, -1, "", b.Resource)) // a document, message or history is kept as what it is
}

func (r *reader) whole(path string, b fhir.Bundle, read func(fhir.Entry) (entry, error)) error {
	p := parcel{transaction: b.Kind() != "batch", alone: b.Kind() == "batch"}
	for e := range b.Entries() {
		one, err := read(e)
		if err != nil {
			r.bad(one, err)
			continue
		}
		p.entries = append(p.entries, one)
	}
	if len(p.entries) == 0 {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	return r.send(p)
}

// lines reads one resource from each line. A file of lines is as a rule all of
// one type, so the next one may refer to it: it waits.
func (r *reader) lines(path string, in io.Reader) error {
	buffered := bufio.NewReaderSize(in, 1<<20)
	for i := 0; ; i++ {
		line, err := readLine(buffered)
		if err != nil && !errors.Is(err, io.EOF) {
			r.bad(entry{file: path, index: i}, err)
			return r.flush()
		}
		if i == 0 {
			line = unmarked(line)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := r.line(path, i, line); err != nil {
				return err
			}
		}
		if err != nil {
			break
		}
	}
	r.open.alone = len(r.open.entries) > 0
	return r.flush()
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, fault.New(fault.TooLarge, "a line may have %d bytes at most", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func (r *reader) line(path string, i int, line []byte) error {
	res, err := fhir.Parse(line, fhir.Limits{Bytes: maxLine})
	if err != nil {
		r.bad(entry{file: path, index: i}, err)
		return nil
	}
	return r.single(entryOf(path, i, "", res))
}

// single puts a resource into the open batch.
func (r *reader) single(e entry) error {
	if r.open.full(e) {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.open.entries = append(r.open.entries, e)
	return nil
}

func (r *reader) flush() error {
	p := r.open
	r.open = parcel{}
	if len(p.entries) == 0 {
		return nil
	}
	return r.send(p)
}
