package evidence
import ("testing";"os";"strings";"fmt";"bufio")
func TestProbeWorlds(t *testing.T){
 f,err:=os.Open("/tmp/worldfiles"); if err!=nil||os.Getenv("PROBE")==""{t.Skip()}
 all:=map[string]map[string]int64{}
 s:=bufio.NewScanner(f)
 for s.Scan(){ p:=s.Text(); r:=readFile(t,p,Options{File:p}); d:=strings.Split(p,"/")[6]
  if all[d]==nil{all[d]=map[string]int64{}}
  for k,n:=range r.tally.Kinds{all[d][k]+=n}
  all[d]["rejects"]+=int64(len(r.tally.Rejects))
  all[d]["rows"]+=int64(r.sink.Rows())
  if r.err!=nil||r.tally.Records()==0 {fmt.Println(p,r.err,r.tally)}
 }
 for k,v:=range all{fmt.Println(k,v)}
}
