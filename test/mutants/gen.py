HEAD='''loader# set hw.lab.bridge_ringsize=4
host# sysctl dev.lab.sleep_bound=2
'''
def vm(port): return f"""host# bhyveload -m 2G -d mfsroot.img netmapvm
host# bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s '3:1,virtio-net,pt{port}' -l com1,stdio -A -H -P -m 2G netmapvm &
"""
PARK='''lab break at PG_TX_ST_HEAD
lab step 5000000
lab unbreak 1
'''
def w(name, about, body): open(name+'.lab','w').write('# '+about+'\n'+HEAD+body+PARK)
n=4
w('tx-full','A guest sends into a pipe at whose other end nobody is: its ring fills.', vm('vale2{1')+"netmapvm# pkt-gen -i vtnet0 -f txseq -n 7 -b 2 -w 1 &\n")
for n,b in ((2,1),(3,1),(4,2),(4,1),(7,3)):
  w(f'tx-pipe-{n}-{b}','A guest sends through a pipe to a program of the host.', vm('vale2{1')+f"host# pkt-gen -i 'vale2}}1' -f rxseq -w 0 &\nsleep 1\nnetmapvm# pkt-gen -i vtnet0 -f txseq -n {n} -b {b} -w 1 &\n")
  w(f'rx-pipe-{n}-{b}','A program of the host sends through a pipe to a guest.', vm('vale2{1')+f"netmapvm# pkt-gen -i vtnet0 -f rxseq -w 0 &\nsleep 1\nhost# pkt-gen -i 'vale2}}1' -f txseq -n {n} -b {b} -w 1 &\n")
  w(f'tx-vale-{n}-{b}','A guest sends over a VALE switch to a program of the host.', vm('vale1:1')+f"host# pkt-gen -i vale1:2 -f rxseq -w 0 &\nsleep 1\nnetmapvm# pkt-gen -i vtnet0 -f txseq -n {n} -b {b} -w 1 &\n")
  w(f'rx-vale-{n}-{b}','A program of the host sends over a VALE switch to a guest.', vm('vale1:1')+f"netmapvm# pkt-gen -i vtnet0 -f rxseq -w 0 &\nsleep 1\nhost# pkt-gen -i vale1:2 -f txseq -n {n} -b {b} -w 1 &\n")
w('tx-full2','A guest sends into a pipe at whose other end nobody is: its ring fills.', vm('vale2{1')+"netmapvm# pkt-gen -i vtnet0 -f txseq -n 6 -b 2 -w 1 &\n")
w('leases','Two programs send over a switch to a third.', "host# pkt-gen -i vale1:3 -f rx -w 0 &\nhost# pkt-gen -i vale1:1 -f tx -n 1 -b 1 -w 1 &\nhost# pkt-gen -i vale1:2 -f tx -n 1 -b 1 -w 1 &\n")
w('leases2','Two programs send over a switch to a third.', "host# pkt-gen -i vale1:3 -f rx -w 0 &\nhost# pkt-gen -i vale1:1 -f tx -n 2 -b 1 -w 1 &\nhost# pkt-gen -i vale1:2 -f tx -n 2 -b 1 -w 1 &\n")
w('both','A guest sends and receives at once through a pipe.', vm('vale2{1')+"netmapvm# pkt-gen -i vtnet0 -f rxseq -w 0 &\nsleep 1\nhost# pkt-gen -i 'vale2}1' -f rxseq -w 0 &\nhost# pkt-gen -i 'vale2}1' -f txseq -n 1 -b 1 -w 1 &\nnetmapvm# pkt-gen -i vtnet0 -f txseq -n 1 -b 1 -w 1 &\n")
w('leases','Two programs send over a switch to a third.', "host# pkt-gen -i vale1:3 -f rx -w 0 &\nhost# pkt-gen -i vale1:1 -f tx -n 1 -b 1 -R 100 -w 1 &\nhost# pkt-gen -i vale1:2 -f tx -n 1 -b 1 -R 100 -w 1 &\n")
w('leases2','Two programs send over a switch to a third.', "host# pkt-gen -i vale1:3 -f rx -w 0 &\nhost# pkt-gen -i vale1:1 -f tx -n 2 -b 1 -R 100 -w 1 &\nhost# pkt-gen -i vale1:2 -f tx -n 2 -b 1 -R 100 -w 1 &\n")
w('both','A guest sends and receives at once through a pipe.', vm('vale2{1')+"netmapvm# pkt-gen -i vtnet0 -f rxseq -w 0 &\nsleep 1\nhost# pkt-gen -i 'vale2}1' -f rxseq -w 0 &\nhost# pkt-gen -i 'vale2}1' -f txseq -n 1 -b 1 -R 100 -w 1 &\nnetmapvm# pkt-gen -i vtnet0 -f txseq -n 1 -b 1 -R 100 -w 1 &\n")
w('tx-inf','A guest sends through a pipe to a program of the host, without end.', vm('vale2{1')+"host# pkt-gen -i 'vale2}1' -f rxseq -w 0 &\nsleep 1\nnetmapvm# pkt-gen -i vtnet0 -f txseq -b 3 -w 1 &\n")
w('txv-inf','A guest sends over a switch to a program of the host, without end.', vm('vale1:1')+"host# pkt-gen -i vale1:2 -f rx -w 0 &\nsleep 1\nnetmapvm# pkt-gen -i vtnet0 -f tx -b 3 -w 1 &\n")
w('rx-inf','A program of the host sends through a pipe to a guest, without end.', vm('vale2{1')+"netmapvm# pkt-gen -i vtnet0 -f rxseq -w 0 &\nsleep 1\nhost# pkt-gen -i 'vale2}1' -f txseq -b 3 -w 1 &\n")
