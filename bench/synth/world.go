package synth

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"

	"github.com/zeebo/xxh3"
)

// Form says how resources are written and how they refer to each other.
type Form uint8

// The forms.
const (
	// Known: each resource is put under the id that World computes, references are Type/id.
	Known Form = iota
	// Foreign: as Synthea does it, each resource is posted; inside a bundle references are
	// urn:uuid, those to staff and places are searches by identifier.
	Foreign
)

// World makes hospitals and patients.
type World struct{ seed uint64 }

// New is the world of a seed.
func New(seed uint64) World { return World{seed} }

// Sites and staff of a world.
const (
	Sites = 40
	Staff = 120
)

// ID is the id of the n-th resource of a type that belongs to patient i; of a site or a member of staff, i is its number and n 0.
func (w World) ID(typ string, i, n int) string {
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:], w.seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(i))
	binary.LittleEndian.PutUint64(b[16:], uint64(n))
	h := xxh3.Hash128(append(b[:], typ...)).Bytes()
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	t := hex.EncodeToString(h[:])
	return t[:8] + "-" + t[8:12] + "-" + t[12:16] + "-" + t[16:20] + "-" + t[20:]
}

// chance is the randomness of patient i.
func (w World) chance(i int) *rand.Rand { return rand.New(rand.NewPCG(w.seed, uint64(i)+1)) }

// Family is the family name of patient i.
func (w World) Family(i int) string { return name(w.chance(i)).family }

// Code is the LOINC code of some observation.
func Code(r *rand.Rand) string { return measures[r.IntN(len(measures))].code }

// Encounters is the number of encounters of patient i.
func (w World) Encounters(i int) int { return w.life(i).encounters }

// Observations is the number of observations of patient i.
func (w World) Observations(i int) int { return w.life(i).encounters * perEncounter }

// life is what is drawn first for a patient, so that counts are known without making the rest.
type life struct {
	person
	encounters int
	rand       *rand.Rand
}

func (w World) life(i int) life {
	r := w.chance(i)
	p := name(r)
	return life{p, 5 + r.IntN(6), r}
}

func npi(n int) string { return strconv.Itoa(9990000000 + n) }
