package pack

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Limits bound what Read accepts. A zero field means its default.
type Limits struct {
	Total int64 // bytes of all files, unpacked; default 1 GiB
	File  int64 // bytes of one file; default 64 MiB
	Files int   // default 100,000
}

func (l Limits) orDefault() Limits {
	if l.Total <= 0 {
		l.Total = 1 << 30
	}
	if l.File <= 0 {
		l.File = 64 << 20
	}
	if l.Files <= 0 {
		l.Files = 100_000
	}
	return l
}

// File is one resource of a package.
type File struct {
	Name     string // "StructureDefinition-us-core-patient.json"
	Example  bool   // it stands in a folder for examples
	Resource fhir.Resource
}

// Read reads a package and calls take for each resource in it, in the order of the archive; an error of take ends it.
// Files that are no JSON, and JSON that is no resource, are passed over. Faults: Invalid for what is no package, with
// the file named; TooLarge beyond the limits.
func Read(r io.Reader, lim Limits, take func(File) error) (Info, error) {
	zipped, err := gzip.NewReader(r)
	if err != nil {
		return Info{}, notAPackage("it is not compressed with gzip")
	}
	lim = lim.orDefault()
	rd := &reader{lim: lim, left: lim.Total, take: take, seen: map[string]bool{}}
	if err := rd.all(tar.NewReader(&bounded{zipped, &rd.left})); err != nil {
		return Info{}, err
	}
	return rd.finish()
}

func notAPackage(why string) error {
	return fault.New(fault.Invalid, "this is no FHIR package: %s", why)
}

// bounded ends with errTooLarge once more than left bytes were read.
type bounded struct {
	r    io.Reader
	left *int64
}

var errTooLarge = errors.New("too large")

func (b *bounded) Read(p []byte) (int, error) {
	if *b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), *b.left)])
	*b.left -= int64(n)
	return n, err
}

type reader struct {
	lim   Limits
	left  int64
	take  func(File) error
	seen  map[string]bool
	files int
	info  Info
	index []indexed
}

func (rd *reader) all(t *tar.Reader) error {
	for {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooLarge):
			return rd.tooLarge()
		case err != nil:
			return notAPackage("the archive is damaged")
		}
		if err := rd.entry(h, t); err != nil {
			return err
		}
	}
}

func (rd *reader) tooLarge() error {
	return fault.New(fault.TooLarge, "the package has more than %d bytes unpacked", rd.lim.Total)
}

func (rd *reader) entry(h *tar.Header, body io.Reader) error {
	if rd.files++; rd.files > rd.lim.Files {
		return fault.New(fault.TooLarge, "the package has more than %d files", rd.lim.Files)
	}
	switch h.Typeflag {
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return nil
	case tar.TypeReg:
	default:
		return notAPackage("it holds links or devices")
	}
	name := path.Clean(strings.ReplaceAll(h.Name, "\\", "/"))
	if path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../") || len(name) > 1024 {
		return notAPackage("it names a file outside of itself")
	}
	if rd.seen[name] {
		return notAPackage("it names a file twice")
	}
	rd.seen[name] = true
	return rd.file(name, h.Size, body)
}

// file reads one file: what stands in the folder package, and resources in folders for examples.
func (rd *reader) file(name string, size int64, body io.Reader) error {
	folder, base := path.Split(name)
	if !strings.HasSuffix(base, ".json") || !wanted(folder) {
		return nil
	}
	if size > rd.lim.File {
		return fault.New(fault.TooLarge, "a file of the package has more than %d bytes", rd.lim.File)
	}
	raw, err := io.ReadAll(io.LimitReader(body, rd.lim.File))
	switch {
	case errors.Is(err, errTooLarge):
		return rd.tooLarge()
	case err != nil:
		return notAPackage("the archive is damaged")
	}
	switch {
	case folder == "package/" && base == "package.json":
		return rd.describe(raw)
	case folder == "package/" && base == ".index.json":
		return rd.contents(raw)
	case strings.HasPrefix(base, "."):
		return nil
	}
	return rd.resource(folder, base, raw)
}

func wanted(folder string) bool {
	return folder == "package/" || isExamples(folder)
}

func isExamples(folder string) bool {
	return folder == "example/" || folder == "package/example/" || folder == "examples/" || folder == "package/examples/"
}

func (rd *reader) resource(folder, base string, raw []byte) error {
	v, err := fhir.ParseValue(raw, fhir.Limits{Bytes: int(rd.lim.File)})
	if err != nil {
		return inFile(err, base)
	}
	if v.Kind() != fhir.Object || v.Get("resourceType").Str() == "" {
		return nil // tools put other JSON into packages
	}
	return rd.take(File{base, isExamples(folder), fhir.Resource{Value: v}})
}

// inFile names the file in a fault.
func inFile(err error, name string) error {
	f := fault.Find(err)
	if f == nil {
		return err
	}
	out := &fault.Error{Kind: f.Kind, Text: "in " + name + ": " + f.Text, Issues: f.Issues}
	return out
}
