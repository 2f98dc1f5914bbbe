package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func liveDisk(t *testing.T, dir string) *disk {
	t.Helper()
	return openTest(t, dir).store.(*disk)
}

func TestOnlyAMissingFileIsADeath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := liveDisk(t, dir)
	if d.alive(owner(7<<genBits | 1)) {
		t.Error("a process without a file lives")
	}
	must(t, os.MkdirAll(filepath.Join(dir, "live", "7"), 0o700)) // nothing that can be opened for writing
	if !d.alive(owner(7<<genBits | 1)) {
		t.Error("a process counts as dead, though its file could not be read")
	}
	_, err := d.inUse()
	wantErr[*StateError](t, err)
	_, err = openTest(t, dir).Sessions()
	wantErr[*StateError](t, err)
}

func TestAnUnansweredRequestHoldsWhereLivenessIsUnknown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := openTest(t, dir), openTest(t, dir)
	pace := Pace{Delay: 40 * time.Millisecond, Patience: NoLimit}
	sent, err := a.Reserve("42", pace)
	must(t, err)
	must(t, sent.Start(t.Context(), nil))
	waiting, err := b.Reserve("42", pace)
	must(t, err)
	defer waiting.Cancel()
	d := a.store.(*disk)
	must(t, os.Remove(d.file.Name()))
	must(t, os.Mkdir(d.file.Name(), 0o700))
	var s ipRecord
	_, err = b.view(ref{ipRecords, keyOfID("42")}, &s)
	must(t, err)
	if waiting.tidy(&s, sent.sent.add(time.Hour)) != keep || len(s.InFlight) != 1 {
		t.Errorf("the request was given up: %+v", s)
	}
	must(t, os.Remove(d.file.Name()))
	if waiting.tidy(&s, sent.sent.add(time.Hour)) != save || len(s.InFlight) != 0 {
		t.Errorf("the request of a dead process holds: %+v", s)
	}
}

func TestAProcessOutlivesItsDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, other := openTest(t, dir), liveDisk(t, dir)
	_, err := l.Use("41")
	must(t, err)
	ticket, err := l.Reserve("42", anyWait)
	must(t, err)
	defer ticket.Cancel()
	before := ticket.reservation.Owner
	must(t, os.RemoveAll(filepath.Join(dir, "live")))
	if other.alive(before) {
		t.Error("it lives without a file")
	}
	must(t, ticket.Start(t.Context(), nil))
	if o := ticket.reservation.Owner; o == before && !other.alive(o) || !other.alive(o) {
		t.Errorf("owner %d, before %d, does not live", o, before)
	}
	used, err := other.inUse()
	if err != nil || !used["41"] || !used["42"] {
		t.Errorf("in use: %v, %v", used, err)
	}
}

func TestNewFilesHaveRoomForCells(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := liveDisk(t, dir)
	for i := range pageSize/cellSize - 1 {
		_, err := d.announceUse(fmt.Sprint(i))
		must(t, err)
		if info, err := d.file.Stat(); err != nil || info.Size() != pageSize {
			t.Fatalf("%d cells take %d bytes, %v", i, info.Size(), err)
		}
	}
}

func TestAnyFreeFileWillDoWhereThereIsNoRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken := liveDisk(t, dir)
	o, err := taken.owner()
	must(t, err)
	d := liveDisk(t, dir)
	if err := d.tryExisting(); err == nil {
		t.Error("a file that is taken was taken")
	}
	must(t, taken.close())
	must(t, os.WriteFile(filepath.Join(dir, "live", "x"), nil, 0o600))
	must(t, d.tryExisting())
	if d.id.number() != o.number() || d.id != o+1 {
		t.Errorf("owner %d, after %d", d.id, o)
	}
}

func TestCellsOfAnEarlierOwnerAreVoid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := liveDisk(t, dir)
	for _, id := range []string{"a", "b", "c"} {
		_, err := first.announceUse(id)
		must(t, err)
	}
	must(t, first.close())
	second := liveDisk(t, dir)
	must(t, second.tryExisting())
	_, err := second.announceUse("d")
	must(t, err)
	if used, err := second.inUse(); err != nil || len(used) != 1 || !used["d"] {
		t.Errorf("in use: %v, %v", used, err)
	}
}

func TestAReleaseAfterCloseIsNothing(t *testing.T) {
	t.Parallel()
	d := liveDisk(t, t.TempDir())
	release, err := d.announceUse("1")
	must(t, err)
	must(t, d.close())
	release()
	if len(d.uses) != 0 {
		t.Errorf("uses: %v", d.uses)
	}
}

func TestCellsAreUsedAgain(t *testing.T) {
	t.Parallel()
	d := liveDisk(t, t.TempDir())
	var releases []func()
	for i := range 200 { // more than are read at once
		release, err := d.announceUse(fmt.Sprint(i))
		must(t, err)
		releases = append(releases, release)
	}
	for _, i := range []int{3, 100, 199} {
		releases[i]()
	}
	_, err := d.announceUse("new")
	must(t, err)
	if i := slices.Index(d.cells, "new"); i != 3 {
		t.Errorf("in cell %d", i)
	}
	used, err := d.inUse()
	if err != nil || len(used) != 198 || used["3"] || used["199"] || !used["198"] || !used["new"] {
		t.Errorf("%d in use, %v", len(used), err)
	}
}

// Who can have no file has no owner, and holds nothing.
func TestNobodyLivesWhereNoFileCanBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := liveDisk(t, dir)
	must(t, os.RemoveAll(filepath.Join(dir, "live")))
	must(t, os.WriteFile(filepath.Join(dir, "live"), nil, 0o600))
	_, err := d.owner()
	wantErr[*StateError](t, err)
	_, err = d.announceUse("1")
	wantErr[*StateError](t, err)
}

func TestASessionHeldTwiceIsReleasedTwice(t *testing.T) {
	t.Parallel()
	d := liveDisk(t, t.TempDir())
	first, err := d.announceUse("1")
	must(t, err)
	second, err := d.announceUse("1")
	must(t, err)
	for i, want := range []bool{true, true, false} {
		used, err := d.inUse()
		if err != nil || used["1"] != want {
			t.Errorf("after %d releases: %v, %v", i, used, err)
		}
		[]func(){first, second, func() {}}[i]()
	}
}

// Where no new file can be made, one that is there will do.
func TestAFileThatIsThereWillDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := liveDisk(t, dir)
	live := filepath.Join(dir, "live")
	must(t, os.MkdirAll(live, 0o700))
	for n := range 64 {
		must(t, os.Mkdir(filepath.Join(live, fmt.Sprint(n)), 0o700))
	}
	must(t, os.WriteFile(filepath.Join(live, "77"), nil, 0o600))
	o, err := d.owner()
	if err != nil || o.number() != 77 {
		t.Errorf("number %d, %v", o.number(), err)
	}
}

// A file that fails is told, and neither taken for a new one nor for nobody's.
func TestAFileThatFailsIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := liveDisk(t, dir)
	release, err := d.announceUse("1")
	must(t, err)
	path := d.file.Name()
	must(t, d.file.Close())
	if _, err := d.owner(); err == nil {
		t.Error("a file that cannot be looked at passes for a good one")
	}
	if _, err := d.file.claim(1); err == nil {
		t.Error("it can be claimed")
	}
	if _, err := d.file.generation(); err == nil {
		t.Error("it has a generation")
	}
	if release(); d.cells[0] != "" || len(d.uses) != 0 {
		t.Errorf("the session stays in cell %v, uses %v", d.cells, d.uses)
	}
	readOnly, err := os.Open(path)
	must(t, err)
	defer readOnly.Close()
	if _, err := (&file{readOnly}).claim(1); err == nil {
		t.Error("a file that cannot be written can be claimed")
	}
}
