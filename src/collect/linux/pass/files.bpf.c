// SPDX-License-Identifier: MIT OR Apache-2.0 OR GPL-2.0-only
//
// Runs in the kernel, once for each open file of each task: writes down who holds what. It changes nothing.
//
// Needs Linux 5.11 with BTF. Only the fields named here are used; where they lie is found out when it is loaded, from
// what the running kernel says of itself.

typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define OF_THE_KERNEL __attribute__((preserve_access_index))

struct seq_file;
struct socket;

struct super_block {
	unsigned long s_magic;
} OF_THE_KERNEL;

struct inode {
	u16 i_mode;
	u32 i_rdev;
	struct super_block *i_sb;
	unsigned long i_ino;
} OF_THE_KERNEL;

struct file {
	struct inode *f_inode;
} OF_THE_KERNEL;

struct upid {
	int nr;
} OF_THE_KERNEL;

struct pid {
	u32 level;
	struct upid numbers[1];
} OF_THE_KERNEL;

struct task_struct {
	int pid;
	int tgid;
	u64 start_boottime;
	struct task_struct *group_leader;
	struct pid *thread_pid;
} OF_THE_KERNEL;

struct bpf_iter_meta {
	struct seq_file *seq;
} OF_THE_KERNEL;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
} OF_THE_KERNEL;

// Helpers of the kernel, by their numbers in its interface.
static long (*const probe_read_kernel)(void *into, u32 size, const void *from) = (void *)113;
static long (*const seq_write)(struct seq_file *seq, const void *data, u32 size) = (void *)127;
static struct task_struct *(*const current_task)(void) = (void *)158;
static struct socket *(*const sock_from_file)(struct file *file) = (void *)162;

// The kernel lends some of these helpers only to programs that say this.
char LICENSE[] __attribute__((section("license"), used)) = "Dual MIT/GPL";

#define TYPE 0170000
#define DEVICE 0020000
// Where pipes without a name live.
#define PIPES 0x50495045
// Major 5, minor 2: /dev/ptmx, as the kernel keeps it.
#define PTMX ((5u << 20) | 2)

enum kind { OTHER, SOCKET, PIPE, MASTER };

// As `Record` in iterator.rs reads it.
struct record {
	u32 process;
	u32 thread;
	u32 descriptor;
	u32 kind;
	u64 inode;
	u64 started;
};

// The number of a task in the pid namespace that lies `level` deep.
static int number_of(struct task_struct *task, u32 level)
{
	struct pid *pid = task->thread_pid;
	int number = 0;
	u64 at;

	if (!pid)
		return 0;
	at = (u64)pid + __builtin_preserve_field_info(pid->numbers, 0) +
	     (u64)level * __builtin_preserve_type_info(*(struct upid *)0, 1);
	probe_read_kernel(&number, sizeof(number), (void *)at);
	return number;
}

__attribute__((section("iter/task_file"), used)) int files(struct bpf_iter__task_file *found)
{
	struct task_struct *task = found->task;
	struct file *file = found->file;
	struct task_struct *leader, *reader;
	struct record record = {};
	struct inode *inode;
	struct pid *own;
	u16 type;

	if (!task || !file)
		return 0;
	leader = task->group_leader;
	inode = file->f_inode;
	if (!leader || !inode)
		return 0;
	// The kernel visits the tasks of the reader's pid namespace and those below: their numbers there are wanted.
	reader = current_task();
	own = reader->thread_pid;
	if (own && own->level > 0) {
		record.thread = number_of(task, own->level);
		record.process = number_of(leader, own->level);
	} else {
		record.thread = task->pid;
		record.process = task->tgid;
	}
	record.descriptor = found->fd;
	record.started = leader->start_boottime;
	record.inode = inode->i_ino;
	type = inode->i_mode & TYPE;
	if (sock_from_file(file))
		record.kind = SOCKET;
	else if (inode->i_sb->s_magic == PIPES)
		record.kind = PIPE;
	else if (type == DEVICE && inode->i_rdev == PTMX)
		record.kind = MASTER;
	seq_write(found->meta->seq, &record, sizeof(record));
	return 0;
}
