/**
 * Canon's response codes. 0xA002 to 0xA004 and 0xA007 follow the order of the PS-ReC list; their
 * numbers are not confirmed.
 */
export const CanonResponse = {
  Unknown_Command: 0xa001,
  Memory_Allocation_Failed: 0xa002,
  Internal_Error: 0xa003,
  Directory_IO_Error: 0xa004,
  Operation_Refused: 0xa005,
  Lens_Cover_Closed: 0xa006,
  No_Release: 0xa007,
  Already_In_That_State: 0xa009,
  Low_Battery: 0xa101,
  Object_Not_Ready: 0xa102,
  Cannot_Make_Object: 0xa104,
  Memory_Status_Not_Ready: 0xa106,
} as const;
