// The commands that boot the lab's VM, as they are put at the host's prompt.

export const BHYVELOAD = 'bhyveload -m 2G -d mfsroot.img netmapvm';
export const BHYVE =
  "bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm";
