package relay

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTurnsServePagesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		end, _ := turns.take(t.Context(), "@shop", Static)
		var mu sync.Mutex
		var order []Kind
		for _, kind := range []Kind{Static, Data, Static, Page, Data, Page} {
			go func() {
				end, err := turns.take(t.Context(), "@shop", kind)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				order = append(order, kind)
				mu.Unlock()
				time.Sleep(time.Second)
				end()
			}()
		}
		synctest.Wait()
		if len(order) != 0 {
			t.Fatalf("%v had a turn beside the first", order)
		}
		end()
		end() // more than once
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []Kind{Page, Page, Data, Data, Static, Static}; !slices.Equal(order, want) {
			t.Errorf("turns: %v, want %v", order, want)
		}
		if len(turns.lines) != 0 {
			t.Errorf("%d sessions are left", len(turns.lines))
		}
	})
}

func TestTurnsOfOtherSessions(t *testing.T) {
	t.Parallel()
	turns := newTurns()
	for _, session := range []string{"@a", "@b", "1"} {
		end, err := turns.take(t.Context(), session, Page)
		if err != nil {
			t.Fatal(err)
		}
		defer end()
	}
}

func TestTurnsOfWhoLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		end, _ := turns.take(t.Context(), "1", Page)
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error)
		go func() {
			_, err := turns.take(ctx, "1", Page)
			left <- err
		}()
		synctest.Wait()
		came := false
		go func() {
			end, _ := turns.take(t.Context(), "1", Data)
			came = true
			end()
		}()
		synctest.Wait()
		leave()
		if err := <-left; err != context.Canceled {
			t.Errorf("who left got %v", err)
		}
		end()
		synctest.Wait()
		if !came {
			t.Error("who stood behind has no turn")
		}
		if len(turns.lines) != 0 {
			t.Errorf("%d sessions are left", len(turns.lines))
		}
	})
}
